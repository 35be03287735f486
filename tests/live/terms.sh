#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The terms that other tests do not compare (tests/terms.list says which test each term has): times
# against bounds that the workloads measure around them, and what a snapshot tells of the lists and
# the tree of an instance at rest.
. "$(dirname "$0")/../lib.sh"
need_root terms

READY=77
OVERFLOW=9

"$EPSCOPE" check >"$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

# workload NAME PROGRAM ARGS...: starts one that waits for its go; its id is in pids.
declare -A pids
workload()
{
	local dir=$TMP/$1 program=$2 name=$1

	mkdir "$dir"
	shift 2
	spawn "build/tests/$program" "$@" --ready-file "$dir/ready" --go-file "$dir/go" \
		--truth-file "$dir/truth" --hold 120 >/dev/null 2>"$dir/err"
	pids[$name]=$SPAWNED
	wait_for_file "$dir/ready" 20 || not_ok "terms $name" "not ready: $(cat "$dir/err")"
}

# tracer NAME PIDS OPTIONS...: an epscope, attached; its id is in SPAWNED.
tracer()
{
	local name=$1 list=$2

	shift 2
	spawn "$EPSCOPE" "$@" -p "$list" -o "$TMP/$name.csv" --ready-file "$TMP/$name.attached" \
		2>"$TMP/$name.err"
	wait_for_file "$TMP/$name.attached" 60 ||
		not_ok "terms $name" "epscope did not attach: $(cat "$TMP/$name.err")"
}

tracer_end()
{
	kill -INT "$2"
	wait "$2" || not_ok "terms $1" "epscope ended with $?: $(cat "$TMP/$1.err")"
}

# times_test NAME PROGRAM ARGS...: what is counted and what is streamed of the same run.
times_test()
{
	local name=$1 stat trace

	workload "$@"
	tracer "$name-stat" "${pids[$name]}" stat --items -i 200ms --format csv
	stat=$SPAWNED
	tracer "$name-trace" "${pids[$name]}" trace --format csv
	trace=$SPAWNED
	: >"$TMP/$name/go"
	wait_for_file "$TMP/$name/truth" 60 || not_ok "terms $name" "$(cat "$TMP/$name/err")"
	sleep 0.5 # a row of the items after the last event
	tracer_end "$name-stat" "$stat"
	tracer_end "$name-trace" "$trace"
	tests/times.py --name "times of $name:" --tgid "${pids[$name]}" --check "$TMP/check" \
		--stat "$TMP/$name-stat.csv" --trace "$TMP/$name-trace.csv" \
		--truth "$TMP/$name/truth" || failures=$((failures + 1))
	kill "${pids[$name]}"
}

# interval NAME COLUMN: of the last interval of that workload.
interval()
{
	csv_col "$TMP/lists.csv" "$2" row=interval "tgid=${pids[$1]}" | tail -1
}

# interval_await NAME COLUMN VALUE: until an interval says so; prints what it says in the end.
interval_await()
{
	local end=$((SECONDS + 20))

	until [ "$(interval "$1" "$2")" = "$3" ] || [ $SECONDS -ge $end ]; do
		sleep 0.1
	done
	interval "$1" "$2"
}

# Descriptors in the order of the ready list; they were written to in the order of their numbers.
ready_order()
{
	local last

	last=$(csv_col "$TMP/lists.csv" ts_ns row=item "tgid=${pids[items]}" | tail -1)
	paste -d' ' <(csv_col "$TMP/lists.csv" item_ready_pos row=item "ts_ns=$last") \
		<(csv_col "$TMP/lists.csv" item_fd row=item "ts_ns=$last") |
		awk '$1 > 0' | sort -n | awk '{ print $2 }'
}

# Nobody waits: what was made ready is on the list, in that order. A stopped scan: see wl_overflow.
lists_test()
{
	local tracer

	workload items wl_items --items 300 --ready $READY
	workload overflow wl_overflow --rounds 1 --items $OVERFLOW --scan-hold 25
	tracer lists "${pids[items]},${pids[overflow]}" stat --items -i 200ms --format csv
	tracer=$SPAWNED
	: >"$TMP/items/go"
	: >"$TMP/overflow/go"
	equal "ready: items on the list" "$(interval_await items ready $READY)" $READY
	equal "ready: the peak" "$(interval items ready_peak)" $READY
	equal "nobody waits" "$(interval items waiters),$(interval items in_wait)" "0,0"
	equal "overflow: items on ovflist" "$(interval_await overflow overflow $OVERFLOW)" $OVERFLOW
	equal "overflow: the ready list is taken, its length unknown" \
		"$(interval overflow ready)" ""
	equal "overflow: the thread is in its wait" "$(interval overflow in_wait)" 1
	sleep 0.3
	tracer_end lists "$tracer"
	ready_order >"$TMP/order"
	equal "ready: in the order of the writes" "$(sort -n "$TMP/order" | cmp - "$TMP/order" &&
		wc -l <"$TMP/order")" $READY
	tests/tree.py --name "depth and black height" --csv "$TMP/lists.csv" --intervals ||
		failures=$((failures + 1))
	kill "${pids[items]}" "${pids[overflow]}"
}

times_test sleep wl_sleep --rounds 10 --sleep-ms 4 --busy-ms 2 --timeout-ms 3
times_test sched wl_sched --rounds 20 --busy-ms 5
lists_test
