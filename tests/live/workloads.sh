#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every workload under observation: what epscope counted equals what the workload says it did, in
# every figure that this kernel can know. Once with instances that were there before, once with
# instances made under observation. All workloads of a round share one epscope, which also shows
# that it keeps them apart; they run one after the other.
. "$(dirname "$0")/../lib.sh"
need_root workloads

"$EPSCOPE" check >"$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

names=()
declare -A pids

# workload NAME PROGRAM ARGS...: starts one that waits for its go.
workload()
{
	local name=$1 program=$2 dir=$round/$1

	shift 2
	mkdir -p "$dir"
	# shellcheck disable=SC2086 # several arguments, or none
	spawn "build/tests/$program" "$@" $when --ready-file "$dir/ready" --go-file "$dir/go" \
		--truth-file "$dir/truth" --hold 120 >/dev/null 2>"$dir/err"
	names+=("$name")
	pids[$name]=$SPAWNED
}

workloads_start()
{
	workload counts wl_counts --errors
	workload counts-et wl_counts --mode et --waits 2 --mods 1 --writes 3
	workload counts-oneshot wl_counts --mode oneshot --errors
	workload counts-pipe wl_counts --kind pipe --writes 1
	workload create wl_create --instances 200 --items 3 --live 5
	workload herd wl_herd --threads 6 --events 30
	workload herd-exclusive wl_herd --threads 6 --events 30 --exclusive
	workload herd-unix wl_herd --threads 4 --events 20 --kind unix
	workload items wl_items --items 300 --ready 77
	workload items-close wl_items --items 100 --kind pipe --ready 10 --close 20 --dup-close 7
	workload items-churn wl_items --items 50 --churn 0.3 --churn-threads 2
	workload items-dup wl_items --items 40 --kind dup --ready 3
	workload overflow wl_overflow --rounds 20 --items 5 --again 2
	workload overflow-et wl_overflow --rounds 20 --items 9 --mode et
	workload pingpong wl_pingpong --count 100
	workload pingpong-free wl_pingpong --count 2000 --pace free --mode et
	workload shared wl_shared --rounds 10 --levels 3
	workload sleep wl_sleep --rounds 5 --timeout-ms 5
	workload threads wl_threads --threads 8 --generations 3
}

# Each in turn; those that cannot run here leave the list.
workloads_run()
{
	local name running=()

	for name in "${names[@]}"; do
		: >"$round/$name/go"
		if wait_for_file "$round/$name/truth" 60; then
			running+=("$name")
		else
			not_ok "workload $name" "no truth: $(cat "$round/$name/err")"
		fi
	done
	names=("${running[@]}")
}

# Waits for all ready files; workloads that say that they cannot run here are skipped.
workloads_ready()
{
	local name ready=()

	for name in "${names[@]}"; do
		if wait_for_file "$round/$name/ready" 20; then
			ready+=("$name")
		elif grep -q skipped "$round/$name/err"; then
			skip "workload $name" "$(cat "$round/$name/err")"
		else
			not_ok "workload $name" "not ready: $(cat "$round/$name/err")"
		fi
	done
	names=("${ready[@]}")
}

# round_run NAME OPTIONS: all of them, under one epscope that comes when they are ready.
round_run()
{
	local round=$TMP/$1 when=$2 name tracer list runs=()

	mkdir -p "$round"
	names=()
	workloads_start
	workloads_ready
	list=$(for name in "${names[@]}"; do echo "${pids[$name]}"; done | paste -sd,)
	spawn "$EPSCOPE" stat -p "$list" -i 200ms -o "$round/csv" --ready-file "$round/attached" \
		2>"$round/err"
	tracer=$SPAWNED
	if ! wait_for_file "$round/attached" 60; then
		not_ok "round $1" "epscope did not attach: $(cat "$round/err")"
		return
	fi
	workloads_run
	kill -INT "$tracer"
	wait "$tracer" || not_ok "round $1" "epscope ended with $?: $(cat "$round/err")"
	for name in "${names[@]}"; do
		runs+=("$name:${pids[$name]}:$round/$name/truth")
	done
	tests/truth.py --name "$1" --csv "$round/csv" --check "$TMP/check" "${runs[@]}" ||
		failures=$((failures + 1))
	for name in "${names[@]}"; do
		kill "${pids[$name]}"
	done
}

round_run before ""
round_run made --setup-after-go
