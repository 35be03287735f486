#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Random calls whose every effect a model of epoll knows (tests/workloads/model.h): all counts, and of
# each item that is left its mask, its place on the ready list and its own counts. The numbers differ
# from run to run; SEED=N repeats one.
. "$(dirname "$0")/../lib.sh"
need_root random

SEED=${SEED:-$((SRANDOM % 1000000 + 1))}
CALLS=${CALLS:-20000}
RUNS=4

"$EPSCOPE" check >"$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
unknown=
grep -q '^full tier' "$TMP/check" || unknown=callbacks

# round_start OPTIONS...: the workloads, ready; their ids are in pids, by seed.
round_start()
{
	local i dir

	declare -gA pids=()
	for ((i = SEED; i < SEED + RUNS; i++)); do
		dir=$round/$i
		mkdir -p "$dir"
		spawn build/tests/wl_random --seed "$i" --calls "$CALLS" --ready-file "$dir/ready" \
			--go-file "$dir/go" --truth-file "$dir/truth" --items-file "$dir/items" \
			--hold 120 "$@" >/dev/null 2>"$dir/err"
		pids[$i]=$SPAWNED
	done
	for i in "${!pids[@]}"; do
		wait_for_file "$round/$i/ready" 30 ||
			not_ok "random $i" "not ready: $(cat "$round/$i/err")"
	done
}

# Two rows of intervals after the last call, so that one of them began after it.
round_calls()
{
	local i

	for i in "${!pids[@]}"; do
		: >"$round/$i/go"
	done
	for i in "${!pids[@]}"; do
		wait_for_file "$round/$i/truth" 100 ||
			not_ok "random $i" "no truth: $(cat "$round/$i/err")"
	done
	i=$(grep -c ^interval "$round/csv")
	until [ "$(grep -c ^interval "$round/csv")" -gt $((i + 2 * RUNS * 3)) ]; do
		still_ours "$tracer" || break
		sleep 0.1
	done
}

# round_run NAME OPTIONS...: all of them under one epscope.
round_run()
{
	local name=$1 round=$TMP/$1 i tracer runs=()

	shift
	mkdir -p "$round"
	round_start "$@"
	spawn "$EPSCOPE" stat -p "$(IFS=, && echo "${pids[*]}")" --items -i 300ms -o "$round/csv" \
		--ready-file "$round/attached" 2>"$round/err"
	tracer=$SPAWNED
	if ! wait_for_file "$round/attached" 60; then
		not_ok "random $name" "epscope did not attach: $(cat "$round/err")"
		return
	fi
	round_calls
	kill -INT "$tracer"
	wait "$tracer" || not_ok "random $name" "epscope ended with $?: $(cat "$round/err")"
	for i in "${!pids[@]}"; do
		runs+=("$i:${pids[$i]}:$round/$i/truth")
		tests/items.py --name "$name $i, items" --csv "$round/csv" --tgid "${pids[$i]}" \
			--unknown "$unknown" "$round/$i/items" || failures=$((failures + 1))
		kill "${pids[$i]}"
	done
	tests/truth.py --name "$name" --csv "$round/csv" --check "$TMP/check" "${runs[@]}" ||
		failures=$((failures + 1))
}

echo "# SEED=$SEED"
round_run before
round_run made --setup-after-go
