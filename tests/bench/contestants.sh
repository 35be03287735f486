# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What watches the epoll of a process, `target`, natively, for benchmarks to compare; they source
# lib.sh before. Not all do the same: stat, dashboard and bpftrace count in the kernel; trace, record,
# perf-trace and strace write each call, to which epscope adds what was delivered and who woke whom.
# strace-all also writes the system calls that have nothing to do with epoll.
# shellcheck disable=SC2154 # `target`
EPOLL_CALLS=epoll_create,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,epoll_pwait2
ATTACH_SECONDS=20 # until a contestant must be ready
TRACE_LIMIT=120s  # after which epscope ends in any case; the others end with the target
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

start_stat()
{
	start_epscope stat
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
