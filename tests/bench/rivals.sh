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
#
# They do not all do the same. dashboard and bpftrace count in the kernel; trace, record, perf-trace
# and strace write each call, to which epscope adds what was delivered and who woke whom. strace-all
# also writes the system calls that have nothing to do with epoll.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

SERVERS=${SERVERS:-redis nginx epserver}
CONTESTANTS=${CONTESTANTS:-untraced dashboard trace record bpftrace perf-trace strace strace-all}
EPOLL_CALLS=epoll_create,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,epoll_pwait2
ATTACH_SECONDS=20 # until a contestant must be ready
TRACE_LIMIT=120s  # after which epscope ends in any case; the others end with the server
server_name=
tracer= # process id of the contestant; none for untraced
out=$TMP/out
err=$TMP/err

# Tracers other than epscope need tracefs, which need not be mounted: for them alone it is. Their
# process id stays that of the shell.
with_tracefs()
{
	# shellcheck disable=SC2016 # for the inner shell
	exec unshare -m bash -c 'mountpoint -q /sys/kernel/tracing ||
		mount -t tracefs tracefs /sys/kernel/tracing; exec "$@"' tracefs "$@"
}

# start_CONTESTANT: it is attached to the target; 1 if it cannot.

start_untraced()
{
	tracer=
}

start_dashboard()
{
	dashboard_start "$TMP/ready" -p "$target" -i 100ms -d "$TRACE_LIMIT"
	tracer=$dashboard
}

# start_epscope COMMAND
start_epscope()
{
	rm -f "$TMP/ready"
	spawn "$EPSCOPE" "$1" -p "$target" -o "$out" -d "$TRACE_LIMIT" --ready-file "$TMP/ready" \
		2>"$err"
	tracer=$SPAWNED
	wait_for_file "$TMP/ready" "$ATTACH_SECONDS"
}

start_trace()
{
	start_epscope trace
}

start_record()
{
	start_epscope record
}

start_bpftrace()
{
	spawn with_tracefs bpftrace -o "$out" tests/bench/epoll.bt "$target" >/dev/null 2>"$err"
	tracer=$SPAWNED
	until_true "$ATTACH_SECONDS" attached grep -q @woken "$out" 2>>"$err"
}

# It does not tell when it is ready: it is about to be when its perf events are open.
start_perf-trace()
{
	spawn with_tracefs perf trace -p "$target" -e 'epoll*' -o "$out" >/dev/null 2>"$err"
	tracer=$SPAWNED
	until_true "$ATTACH_SECONDS" attached has_perf_event && sleep 1
}

has_perf_event()
{
	find "/proc/$tracer/fd" -lname 'anon_inode:\[perf_event\]' 2>/dev/null | grep -q .
}

start_strace()
{
	start_strace_of -e "trace=$EPOLL_CALLS"
}

start_strace-all()
{
	start_strace_of
}

start_strace_of()
{
	spawn strace -f -p "$target" -o "$out" "$@" 2>"$err"
	tracer=$SPAWNED
	until_true "$ATTACH_SECONDS" attached grep -q "^TracerPid:[[:space:]]$tracer\$" \
		"/proc/$target/status"
}

# attached COMMAND...: whether it succeeds, or the tracer has ended, which is noticed later.
attached()
{
	"$@" || ! still_ours "$tracer"
}

is_tracing()
{
	[ "$1" = untraced ] || ! is_gone "$tracer"
}

end_contestant()
{
	case $1 in
	untraced) ;;
	dashboard) dashboard_end ;;
	*) end_spawned "$tracer" ;;
	esac
}

# lost_by CONTESTANT: events that it says it has lost; nothing if it has no word for that.
lost_by()
{
	case $1 in
	trace) lost_events "$out" ;;
	record)
		"$EPSCOPE" trace -r "$out" -o "$TMP/replayed" && lost_events "$TMP/replayed"
		rm -f "$TMP/replayed"
		;;
	bpftrace) awk '$1 == "Lost" { s += $2 } END { print s + 0 }' "$err" ;;
	perf-trace) awk '/LOST [0-9]+ events/ { sub(/.*LOST /, ""); s += $1 }
		END { print s + 0 }' "$out" "$err" ;;
	esac
}

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
	cannot "$1" "$(tail -n 1 "$err")"
	sample "$server_name requests" "$1" 1/s ""
	sample "$server_name CPU per request" "$1" us ""
	sample "$server_name client's CPU per request" "$1" us ""
}

run_contestant()
{
	local lost

	: >"$err"
	if ! { "start_$1" && is_tracing "$1" && measure "$1"; }; then
		end_contestant "$1"
		failed "$1"
		return
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

need_commands redis-server redis-benchmark nginx wrk bpftrace perf strace tmux taskset
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
