#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The wakeups that the kernel promises (tests/workloads/matrix_cases.h): level- and edge-triggered,
# one-shot and exclusive items; one and several threads in epoll_wait(), poll() or both; one to three
# instances, each an item of the next. Every figure of every instance is exactly what the case says.
. "$(dirname "$0")/../lib.sh"
need_root matrix

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

# truth_await FILE PID: until it is there; 1 if the workload has ended without.
truth_await()
{
	local end=$((SECONDS + 60))

	until [ -s "$1" ]; do
		still_ours "$2" && [ $SECONDS -lt $end ] || return 1
		nap 0.05
	done
}

# round_run NAME OPTION: all cases under one epscope, their instances older or younger than it.
round_run()
{
	local dir=$TMP/$1 workload tracer

	mkdir "$dir"
	# shellcheck disable=SC2086 # an option or none
	spawn build/tests/wl_matrix --rounds "${ROUNDS:-5}" $2 --ready-file "$dir/ready" \
		--go-file "$dir/go" --truth-file "$dir/truth" --hold 120 >/dev/null 2>"$dir/err"
	workload=$SPAWNED
	wait_for_file "$dir/ready" 20 || { not_ok "matrix $1" "not ready: $(cat "$dir/err")"; return; }
	spawn "$EPSCOPE" stat -p "$workload" -i 1s -o "$dir/csv" --ready-file "$dir/attached" \
		2>"$dir/epscope"
	tracer=$SPAWNED
	wait_for_file "$dir/attached" 60 ||
		{ not_ok "matrix $1" "epscope did not attach: $(cat "$dir/epscope")"; return; }
	: >"$dir/go"
	truth_await "$dir/truth" "$workload" || { not_ok "matrix $1" "no truth: $(cat "$dir/err")"; return; }
	kill -INT "$tracer"
	wait "$tracer" || not_ok "matrix $1" "epscope ended with $?: $(cat "$dir/epscope")"
	tests/truth.py --name "$1" --csv "$dir/csv" --check "$TMP/check" \
		"matrix:$workload:$dir/truth" || failures=$((failures + 1))
	end_spawned "$workload"
}

round_run before ""
round_run made --setup-after-go
