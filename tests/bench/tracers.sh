# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Those that watch one process's epoll in the full tier, for benchmarks to compare; source it after
# lib.sh. Each attaches to a process that waits for its go, writes what it sees to $TMP/seen, and is
# pinned like the script: on a machine of one CPU's worth its own work is part of what it costs.

# shellcheck disable=SC2034 # for who sources this
TRACERS=("untraced" "epscope stat" "epscope trace" "epscope record" "bpftrace" "bpftrace kprobe"
	"perf trace" "strace")
TRACER_LIMIT=60 # seconds from the start of a tracer until it is attached; emulation is slow
tracer=         # process id of the one that runs

# tracer_start NAME PID: 1, and said in the table, if it does not come to watch that process.
tracer_start()
{
	tracer=
	rm -f "$TMP/seen" "$TMP/says" "$TMP/attached"
	case $1 in
	untraced) return ;;
	"epscope stat") epscope_start stat "$2" ;;
	"epscope trace") epscope_start trace "$2" ;;
	"epscope record") epscope_start record "$2" ;;
	bpftrace) bpftrace_start kfunc "$2" ;;
	"bpftrace kprobe") bpftrace_start kprobe "$2" ;;
	"perf trace") perf_start "$2" ;;
	strace) strace_start "$2" ;;
	*) bench_fail "no tracer '$1'" ;;
	esac && return
	cannot "$1" "$(tail -n 1 "$TMP/says")"
	tracer_end
	return 1
}

# What it has seen is then in its file.
tracer_end()
{
	[ -z "$tracer" ] || end_spawned "$tracer"
	tracer=
}

# tracer_attached COMMAND...: waits until that succeeds; 1 if the tracer ends before.
tracer_attached()
{
	tracer=$SPAWNED
	until_true "$TRACER_LIMIT" attached_or_gone "$@"
	still_ours "$tracer" && "$@"
}

attached_or_gone()
{
	"$@" || ! still_ours "$tracer"
}

epscope_start()
{
	spawn "$EPSCOPE" "$1" -p "$2" -o "$TMP/seen" --ready-file "$TMP/attached" 2>"$TMP/says"
	tracer_attached test -s "$TMP/attached"
}

# bpftrace_start kfunc|kprobe PID. The second is what bpftrace can where it finds no BTF, and what most
# scripts that people have written use. With -v it names each probe that it attaches, the script's
# first as the last.
bpftrace_start()
{
	command -v bpftrace >/dev/null || { echo "it is not installed" >"$TMP/says"; return 1; }
	sed "s/^kfunc:/$1:/; s/^kretfunc:/${1/k/kret}:/" tests/bench/epoll_full.bt >"$TMP/script.bt"
	spawn bpftrace -v "$TMP/script.bt" "$2" >"$TMP/seen" 2>"$TMP/says"
	tracer_attached grep -q "^Attaching $1:.*ep_poll_callback" "$TMP/says" || return 1
	sleep 0.3
}

perf_start()
{
	command -v perf >/dev/null || { echo "it is not installed" >"$TMP/says"; return 1; }
	spawn perf trace -p "$1" -e 'epoll*' -o "$TMP/seen" 2>"$TMP/says"
	tracer_attached perf_samples || return 1
	sleep 0.3 # its events are opened one by one, and enabled after the last
}

# Its buffers are mapped once its events are open.
perf_samples()
{
	grep -q 'anon_inode:\[perf_event\]' "/proc/$tracer/maps" 2>/dev/null
}

strace_start()
{
	command -v strace >/dev/null || { echo "it is not installed" >"$TMP/says"; return 1; }
	spawn strace -f -p "$1" -o "$TMP/seen" 2>"$TMP/says"
	tracer_attached all_threads_traced "$1"
}

all_threads_traced()
{
	! grep -qx 'TracerPid:	0' "/proc/$1/task/"*/status
}

# tracer_waits NAME: calls of epoll_wait that it saw, of a tracer that has ended.
tracer_waits()
{
	case $1 in
	"epscope stat") csv_col "$TMP/seen" waits row=summary | awk '{ n += $1 } END { print n }' ;;
	"epscope trace") grep -c '^[^,]*,wait,' "$TMP/seen" ;;
	bpftrace*) sed -n 's/^@waits: //p' "$TMP/seen" ;;
	"perf trace" | strace) grep -v '\[continued\]' "$TMP/seen" | grep -c 'epoll_wait(' ;;
	esac
}
