#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The terms that other tests do not compare (tests/terms.list says which test each term has): times
# against bounds that the workloads measure around them, and what a snapshot tells of the lists and
# the tree of an instance at rest.
. "$(dirname "$0")/../lib.sh"
need_root terms

READY=77
OVERFLOW=9

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

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

# times_test NAME OPTIONS...: what is counted and what is streamed of the same runs, one after the other,
# by an epscope with these options, whose table of hooks is in $TMP/NAME.check.
times_test()
{
	local title=$1 stat trace name list

	shift
	workload "$title-sleep" wl_sleep --rounds 10 --sleep-ms 4 --busy-ms 2 --timeout-ms 3
	workload "$title-sched" wl_sched --rounds 20 --busy-ms 5 --hold-ms 3
	# An item is linked anew between its delivery by a scan and the end of that wait.
	workload "$title-again" wl_overflow --rounds 10 --items 0 --mode et --scan-hold 0.02 --twice
	list=${pids[$title-sleep]},${pids[$title-sched]},${pids[$title-again]}
	tracer "$title-stat" "$list" stat --items -i 500ms --format csv "$@"
	stat=$SPAWNED
	tracer "$title-trace" "$list" trace --format csv "$@"
	trace=$SPAWNED
	for name in sleep sched again; do
		: >"$TMP/$title-$name/go"
		wait_for_file "$TMP/$title-$name/truth" 60 ||
			not_ok "terms $name" "$(cat "$TMP/$title-$name/err")"
	done
	sleep 1 # a row of the items after the last event
	tracer_end "$title-stat" "$stat"
	tracer_end "$title-trace" "$trace"
	for name in sleep sched again; do
		tests/times.py --name "times by $title, $name:" --tgid "${pids[$title-$name]}" \
			--check "$TMP/$title.check" --stat "$TMP/$title-stat.csv" \
			--trace "$TMP/$title-trace.csv" --truth "$TMP/$title-$name/truth" ||
			failures=$((failures + 1))
		kill "${pids[$title-$name]}"
	done
}

# The hooks of the first choice, and all others that this kernel has: by functions and by system calls.
times_tests()
{
	local mech

	cp "$TMP/check" "$TMP/default.check"
	times_test default
	for mech in fentry kprobe tracepoint; do
		! forced_plan "all=$mech" "$TMP/check" >"$TMP/$mech.check" ||
			times_test $mech --mech all=$mech
	done
}

# interval NAME COLUMN: of the last interval of that workload.
interval()
{
	csv_col "$TMP/lists.csv" "$2" row=interval "tgid=${pids[$1]}" | tail -1
}

# Descriptors in the order of the ready list; they were written to in the order of their numbers.
ready_order()
{
	local last

	last=$(csv_col "$TMP/lists.csv" ts_ns row=item "tgid=${pids[items]}" | tail -1)
	paste -d, <(csv_col "$TMP/lists.csv" item_ready_pos row=item "ts_ns=$last" "tgid=${pids[items]}") \
		<(csv_col "$TMP/lists.csv" item_fd row=item "ts_ns=$last" "tgid=${pids[items]}") |
		awk -F, '$1 > 0' | sort -n | cut -d, -f2
}

# Nobody waits: what was made ready is on the list, in that order. A stopped scan: see wl_overflow;
# what became ready meanwhile is on ovflist, and long before epscope looks.
lists_test()
{
	workload items wl_items --items 100 --ready $READY
	workload overflow wl_overflow --rounds 1 --items $OVERFLOW --scan-hold 60
	: >"$TMP/overflow/go"
	: >"$TMP/items/go"
	wait_for_file "$TMP/items/truth" 30 || not_ok "terms items" "$(cat "$TMP/items/err")"
	run_limited 60 "$EPSCOPE" stat --items -i 200ms -c 2 --format csv -o "$TMP/lists.csv" \
		-p "${pids[items]},${pids[overflow]}" 2>"$TMP/lists.err" ||
		not_ok "terms lists" "epscope ended with $?: $(cat "$TMP/lists.err")"
	equal "ready: items on the list, and the peak" \
		"$(interval items ready),$(interval items ready_peak)" $READY,$READY
	equal "nobody waits" "$(interval items waiters),$(interval items in_wait)" 0,0
	equal "overflow: items on ovflist; the ready list is the scan's, its length unknown" \
		"$(interval overflow overflow),$(interval overflow ready)" $OVERFLOW,
	ready_order >"$TMP/order"
	equal "ready: in the order of the writes" "$(sort -n "$TMP/order" | cmp - "$TMP/order" &&
		wc -l <"$TMP/order")" $READY
	tests/tree.py --name "depth and black height" --csv "$TMP/lists.csv" --intervals ||
		failures=$((failures + 1))
	kill "${pids[items]}" "${pids[overflow]}"
}

times_tests
lists_test
