#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# epscope never shows itself, and finds nothing where nothing is. Another epoll program runs
# meanwhile, so that an empty output would not pass for a good one.
. "$(dirname "$0")/../lib.sh"
need_root self

# run_for NAME ARGS...: epscope for a while into $TMP/csv; its pid is in SPAWNED, and it has ended.
run_for()
{
	local name=$1

	shift
	rm -f "$TMP/csv"
	spawn "$EPSCOPE" "$@" --format csv -o "$TMP/csv" 2>"$TMP/err"
	wait "$SPAWNED" || not_ok "$name" "exit status $?: $(cat "$TMP/err")"
}

# own_rows PID: how many rows are of that process. A row of an interrupt names whom it interrupted.
own_rows()
{
	if head -1 "$TMP/csv" | grep -q ,context,; then
		csv_col "$TMP/csv" context "tgid=$1" | grep -cv irq
	else
		csv_col "$TMP/csv" tgid "tgid=$1" | wc -l
	fi
}

# self_test NAME ARGS...: everything on this machine, but not epscope.
self_test()
{
	local name=$1

	shift
	run_for "$name" "$@" -a -d 2s
	equal "$name: no row of its own process" "$(own_rows "$SPAWNED")" 0
	if [ -n "$(csv_col "$TMP/csv" tgid "tgid=$player")" ]; then
		ok "$name: others are there"
	else
		not_ok "$name: others are there" "no row of wl_pingpong, process $player"
	fi
}

# nothing_test NAME ARGS...: a header, and no instance.
nothing_test()
{
	local name=$1

	shift
	run_for "$name" "$@"
	equal "$name: no instance" "$(csv_col "$TMP/csv" instance | grep -c .)" 0
	equal "$name: says what it is" "$(csv_col "$TMP/csv" row | sort -u | paste -sd' ')" "cost cost_summary meta"
}

spawn build/tests/wl_pingpong --count 100000000 --duration 100 --ready-file "$TMP/ready" >/dev/null
player=$SPAWNED
wait_for_file "$TMP/ready" 10 || not_ok "workload" "wl_pingpong did not start"
self_test "self trace" trace
self_test "self stat" stat
self_test "self stat --items" stat --items -i 100ms
end_spawned "$player"

nothing_test "no such name" stat -n nosuchname -d 1s
spawn sleep 100
nothing_test "process without epoll" stat -p "$SPAWNED" -d 1s
