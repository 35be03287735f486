# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What watches the epoll of a process, `target`, for benchmarks to compare; they source lib.sh before.
# Not all do the same: empty is programs that do nothing where epscope's are; stat, dashboard and those
# of bpftrace count in the kernel; trace, record, perf-trace and strace write each call, to which epscope
# adds what was delivered and who woke whom.
# strace-all also writes the system calls that have nothing to do with epoll. bpftrace has the
# tracepoints that every kernel has; bpftrace-kfunc and -kprobe see the callbacks too, where functions
# can be probed: the second is what it can where it finds no BTF, and what most scripts use.
# shellcheck disable=SC2154 # `target`
EPOLL_CALLS=epoll_create,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,epoll_pwait2
ATTACH_SECONDS=60 # until a contestant must be ready: emulation is slow
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

# start_contestant NAME: it watches the target; 1, and said in the table, if it does not come to that.
start_contestant()
{
	tracer=
	rm -f "$out"
	: >"$err"
	"start_$1" && is_tracing "$1" && return
	end_contestant "$1"
	cannot "$1" "$(tail -n 1 "$err")"
	return 1
}

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
	attached test -s "$TMP/ready"
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

# programs_of PID: the names of its BPF programs.
programs_of()
{
	cat "/proc/$1/fdinfo/"* 2>/dev/null | awk '/^prog_id:/ && !seen[$2]++ { print $2 }' |
		while read -r id; do
			bpftool prog show id "$id" 2>/dev/null | awk '$3 == "name" { print $4 }'
		done
}

# Programs that do nothing where epscope's hot ones are: what remains if ours cost nothing.
start_empty()
{
	local names

	if [ ! -s "$TMP/programs" ]; then
		start_stat || return
		programs_of "$tracer" >"$TMP/programs"
		end_contestant stat
		: >"$err"
	fi
	mapfile -t names <"$TMP/programs"
	rm -f "$TMP/empty"
	spawn with_tracefs "$TOOLS/bench/empty" "$TMP/empty" "${names[@]}" 2>"$err"
	attached test -s "$TMP/empty"
}

start_bpftrace()
{
	spawn with_tracefs bpftrace -o "$out" tests/bench/epoll.bt "$target" >/dev/null 2>"$err"
	attached grep -q @woken "$out" 2>>"$err"
}

start_bpftrace-kfunc()
{
	start_bpftrace_functions kfunc
}

start_bpftrace-kprobe()
{
	start_bpftrace_functions kprobe
}

# With -v it names each probe that it attaches, the script's first as the last.
start_bpftrace_functions()
{
	sed "s/^kfunc:/$1:/; s/^kretfunc:/${1/k/kret}:/" tests/bench/epoll_full.bt >"$TMP/script.bt"
	spawn with_tracefs bpftrace -v "$TMP/script.bt" "$target" >"$out" 2>"$err"
	attached grep -q "^Attaching $1:.*ep_poll_callback" "$err" && sleep 0.3
}

# Its buffers are mapped once its events are open, one by one; they are enabled after the last.
start_perf-trace()
{
	spawn with_tracefs perf trace -p "$target" -e 'epoll*' -o "$out" >/dev/null 2>"$err"
	attached has_perf_buffer && sleep 1
}

has_perf_buffer()
{
	grep -q 'anon_inode:\[perf_event\]' "/proc/$tracer/maps" 2>/dev/null
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
	attached all_threads_traced
}

all_threads_traced()
{
	! grep -qx 'TracerPid:	0' "/proc/$target/task/"*/status
}

# attached COMMAND...: waits until that succeeds for what was spawned; 1 if it ends before.
attached()
{
	tracer=$SPAWNED
	until_true "$ATTACH_SECONDS" attached_or_gone "$@"
	still_ours "$tracer" && "$@"
}

attached_or_gone()
{
	"$@" || ! still_ours "$tracer"
}

is_tracing()
{
	[ "$1" = untraced ] || ! is_gone "$tracer"
}

# What it has seen is then in its file.
end_contestant()
{
	[ -n "$tracer" ] || return 0
	case $1 in
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

# waits_by CONTESTANT: calls of epoll_wait that it saw; nothing if it does not count them.
waits_by()
{
	case $1 in
	stat) csv_col "$out" waits row=summary | awk '{ n += $1 } END { print n }' ;;
	trace) grep -c '^[^,]*,wait,' "$out" ;;
	bpftrace-*) sed -n 's/^@waits: //p' "$out" ;;
	perf-trace | strace | strace-all)
		grep -v '\[continued\]' "$out" | grep -c 'epoll_wait('
		;;
	esac
}
