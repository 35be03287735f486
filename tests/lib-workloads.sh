# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Many workloads under one epscope; source it instead of lib.sh. The script says in a function
# workloads_start which ones, calls round_run, and tests/truth.py compares. The output of `epscope
# check` is in $TMP/check.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

workloads_check()
{
	"$EPSCOPE" check >"$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
}

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

# round_run NAME OPTIONS: all of them, under one epscope that comes when they are ready. What is left
# of it is in $TMP/NAME: csv, and a folder for each workload.
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
