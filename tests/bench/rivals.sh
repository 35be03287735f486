#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What it costs a server to be watched by epscope, and by what else there is. Servers under full
# load (SERVERS: redis nginx epserver), watched by each in turn (CONTESTANTS), RUNS times.
#
# Server and client have a CPU each. The tracers are not pinned, as nobody pins them: on a machine
# that has no CPU to spare they take time from both, and that is part of what they cost. What they
# do inside the server's system calls is in the server's CPU time per request, which depends less on
# who else runs; and in that of the client, which nobody watches, since a tracepoint is one for all
# processes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/contestants.sh"

SERVERS=${SERVERS:-redis nginx epserver}
CONTESTANTS=${CONTESTANTS:-untraced empty dashboard trace record bpftrace perf-trace strace strace-all}
server_name=

# load: prints the rate, and into $TMP/client its CPU time, in seconds of user and of system.
load()
{
	local TIMEFORMAT="%3U %3S"

	{ time "${server_name}_load" 2>"$TMP/load.err"; } 2>"$TMP/client"
}

# per_request NS RATE ELAPSED: us.
per_request()
{
	awk -v ns="$1" -v rate="$2" -v elapsed="$3" \
		'BEGIN { print ns / 1e3 / (rate * elapsed / 1e9) }'
}

# measure CONTESTANT: the load, and who used the CPU meanwhile.
measure()
{
	local began server_ns client_ns tracer_ns rate elapsed

	server_ns=$(cpu_ns "$target")
	tracer_ns=$([ -z "$tracer" ] || cpu_ns "$tracer")
	began=$(now_ns)
	rate=$(load)
	elapsed=$(($(now_ns) - began))
	server_ns=$(($(cpu_ns "$target") - server_ns))
	client_ns=$(awk '{ printf "%.0f\n", ($1 + $2) * 1e9 }' "$TMP/client")
	[ -n "$rate" ] || bench_fail "no load on $server_name: $(tail -n 1 "$TMP/load.err")"
	is_tracing "$1" || return
	sample "$server_name requests" "$1" 1/s "$rate"
	sample "$server_name CPU per request" "$1" us "$(per_request "$server_ns" "$rate" $elapsed)"
	sample "$server_name client's CPU per request" "$1" us \
		"$(per_request "$client_ns" "$rate" $elapsed)"
	[ -z "$tracer" ] || sample "$server_name tracer's CPU" "$1" "% of a core" \
		"$(percent $(($(cpu_ns "$tracer") - tracer_ns)) $elapsed)"
}

# failed CONTESTANT: it has no figures in this round, but a place.
failed()
{
	sample "$server_name requests" "$1" 1/s ""
	sample "$server_name CPU per request" "$1" us ""
	sample "$server_name client's CPU per request" "$1" us ""
}

run_contestant()
{
	local lost

	if ! start_contestant "$1"; then
		failed "$1"
		return
	fi
	if ! measure "$1"; then
		cannot "$1" "it ended early: $(tail -n 1 "$err")"
		failed "$1"
	fi
	end_contestant "$1"
	lost=$(lost_by "$1")
	[ -z "$lost" ] || sample "$server_name events lost" "$1" "" "$lost"
	rm -f "$out" # some are large
}

bench_server()
{
	server_name=$1
	"${server_name}_start"
	# shellcheck disable=SC2086 # a list of words
	rounds run_contestant $CONTESTANTS
	end_spawned "$server"
}

need_commands bpftool redis-server redis-benchmark nginx wrk bpftrace perf strace tmux taskset
bench_begin rivals
for name in $SERVERS; do
	bench_server "$name"
done
goals=()
for name in $SERVERS; do
	goals+=(--goal "$name requests" dashboard ratio at-least bpftrace)
	[ "$name" = epserver ] || goals+=(--goal "$name requests" dashboard ratio at-least 0.97)
done
bench_table --base untraced "${goals[@]}"
