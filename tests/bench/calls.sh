#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is added to a system call, in ns: of a process that is watched, and of a bystander, since the
# tracepoints of system calls are one for all processes. As little as it takes: the least of many
# short blocks of calls, so that it depends little on what else the machine does.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/contestants.sh"

CONTESTANTS=${CONTESTANTS:-untraced stat trace record bpftrace perf-trace}
CALLS=(getppid ctl wait_none wait_one wait_many)
target=

# calls_start: wl_calls is ready, and waits for its go.
calls_start()
{
	rm -f "$TMP/ready.calls" "$TMP/calls.out"
	spawn timeout 120 "$TOOLS/wl_calls" --go-signal --ready-file "$TMP/ready.calls" \
		>"$TMP/calls.out"
	runner=$SPAWNED
	await "$TMP/ready.calls" 20 wl_calls
	calls=$(ready_field "$TMP/ready.calls" pid)
}

# measure CONTESTANT WHO: once attached.
measure()
{
	local call

	kill -USR1 "$calls"
	wait "$runner"
	for call in "${CALLS[@]}"; do
		sample "$2: $call" "$1" ns "$(field "$TMP/calls.out" "ns_$call")"
	done
}

# watch CONTESTANT WHO PID: that process is watched, while the calls of WHO are measured.
watch()
{
	target=$3
	if start_contestant "$1"; then
		measure "$1" "$2"
		end_contestant "$1"
	fi
	rm -f "$out"
	end_spawned "$runner"
}

run_contestant()
{
	calls_start
	watch "$1" watched "$calls"
	calls_start
	watch "$1" bystander "$server"
}

need_commands bpftrace perf
bench_begin calls
SERVER_LIMIT=1800 server_start "$TMP/server"
# shellcheck disable=SC2086 # a list of words
rounds run_contestant $CONTESTANTS
bench_table --base untraced
