#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Random calls whose every effect a model of epoll knows (tests/workloads/model.h): all counts; of
# each item that is left its mask, its place on the ready list and its own counts; every row of the
# trace in order. The numbers differ from run to run; SEED=N repeats one.
. "$(dirname "$0")/../lib.sh"
need_root random

SEED=${SEED:-$((SRANDOM % 1000000 + 1))}
CALLS=${CALLS:-20000}
RUNS=4

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
unknown='' unseen=''
if ! grep -q '^full tier' "$TMP/check"; then
	unknown=callbacks,queues
	unseen=callback,scan,release,destroy
fi

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
			--log-file "$dir/log" --hold 120 "$@" >/dev/null 2>"$dir/err"
		pids[$i]=$SPAWNED
	done
	for i in "${!pids[@]}"; do
		wait_for_file "$round/$i/ready" 30 ||
			not_ok "random $i" "not ready: $(cat "$round/$i/err")"
	done
}

round_calls()
{
	local i

	for i in "${!pids[@]}"; do
		: >"$round/$i/go"
	done
	for i in "${!pids[@]}"; do
		wait_for_file "$round/$i/truth" 120 ||
			not_ok "random $i" "no truth: $(cat "$round/$i/err")"
	done
}

# Two intervals after the last call, so that one of them began after it.
await_intervals()
{
	local before

	before=$(grep -c ^interval "$round/csv")
	until [ "$(grep -c ^interval "$round/csv")" -gt $((before + 2 * RUNS * 3)) ]; do
		still_ours "$tracer" || break
		nap 0.1
	done
}

# tracer_start COMMAND OPTIONS...: of all the workloads; 1 if it does not attach.
tracer_start()
{
	spawn "$EPSCOPE" "$@" -p "$(IFS=, && echo "${pids[*]}")" -o "$round/csv" \
		--ready-file "$round/attached" 2>"$round/err"
	tracer=$SPAWNED
	wait_for_file "$round/attached" 120 && return
	not_ok "random $name" "epscope did not attach: $(cat "$round/err")"
	return 1
}

tracer_end()
{
	kill -INT "$tracer"
	wait "$tracer" || not_ok "random $name" "epscope ended with $?: $(cat "$round/err")"
	kill "${pids[@]}"
}

# counts_round NAME OPTIONS...: all of them under one epscope.
counts_round()
{
	local name=$1 round i tracer try runs=()

	shift
	for ((try = 1; try <= SKIPPED_TRIES; try++)); do
		round=$TMP/$name.$try
		round_start "$@"
		tracer_start stat --items -i 300ms || return
		round_calls
		await_intervals
		tracer_end
		skipped_in "$round/csv" row=lost || break
	done
	for i in "${!pids[@]}"; do
		runs+=("$i:${pids[$i]}:$round/$i/truth")
		tests/items.py --name "$name $i, items" --csv "$round/csv" --tgid "${pids[$i]}" \
			--unknown "$unknown" "$round/$i/items" || failures=$((failures + 1))
	done
	tests/truth.py --name "$name" --csv "$round/csv" --check "$TMP/check" "${runs[@]}" ||
		failures=$((failures + 1))
}

# trace_round: every row of what happens to instances made under observation.
trace_round()
{
	local name=trace round i tracer try CALLS=$((CALLS / 4))

	for ((try = 1; try <= SKIPPED_TRIES; try++)); do
		round=$TMP/trace.$try
		round_start --setup-after-go
		tracer_start trace || return
		round_calls
		tracer_end
		skipped_in "$round/csv" type=lost || break
	done
	equal "trace: nothing lost" "$(csv_col "$round/csv" where type=lost)" ""
	for i in "${!pids[@]}"; do
		tests/events.py --name "trace $i" --csv "$round/csv" --tgid "${pids[$i]}" \
			--unseen "$unseen" "$round/$i/log" || failures=$((failures + 1))
	done
}

echo "# SEED=$SEED"
counts_round before
counts_round made --setup-after-go
trace_round
