#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# However epscope ends, nothing of it stays: no BPF program, map or link, no probe, no pinned
# object, no perf event; its target works on, and the terminal is as it was.
# shellcheck source=tests/lib-tui.sh
. "$(dirname "$0")/../lib-tui.sh"
need_root leftovers

command -v bpftool >/dev/null || { skip leftovers "bpftool is missing: scripts/setup test"; exit 0; }
PROBES="/sys/kernel/debug/kprobes/list /sys/kernel/tracing/kprobe_events
	/sys/kernel/tracing/enabled_functions /sys/kernel/tracing/set_event"

# ids PID: what the process holds, a line "prog 12" for each program, map and link.
ids()
{
	cat "/proc/$1"/fdinfo/* 2>/dev/null |
		sed -n 's/^\(prog\|map\|link\)_id:[[:space:]]*\([0-9]*\)$/\1 \2/p' | sort -u
}

# How many of them the kernel still knows. A number is not given again for a long time, so this
# also holds while others use BPF.
ids_left()
{
	local kind

	for kind in prog map link; do
		bpftool $kind list | sed -n "s/^\\([0-9]*\\): .*/$kind \\1/p"
	done | sort >"$TMP/now"
	comm -12 "$TMP/ids" "$TMP/now" | wc -l
}

# probes: of all tracers, as far as this kernel shows them.
probes()
{
	local file

	for file in $PROBES; do
		[ ! -r "$file" ] || sed 's/[[:space:]].*0x[0-9a-f]*//' "$file"
	done
	find /sys/fs/bpf -mindepth 1 | sort
}

# works NAME: the server still answers everything.
works()
{
	build/tests/epload --connect "127.0.0.1:$port" --connections 3 --count 30 --quiet >"$TMP/load"
	equal "$1: target works" "$? $(field "$TMP/load" messages_echoed)" "0 30"
}

# nothing_left NAME: kernel objects go a moment after the last descriptor.
nothing_left()
{
	local i left

	for ((i = 0; i < 100; i++)); do
		left=$(ids_left)
		[ "$left" = 0 ] && break
		nap 0.05
	done
	equal "$1: programs, maps, links" "$left" 0
	probes >"$TMP/probes"
	equal "$1: probes and pinned objects" "$(diff "$TMP/probes.before" "$TMP/probes")" ""
	works "$1"
}

# held NAME PID: notes what the process holds; it has to be something.
held()
{
	ids "$2" >"$TMP/ids"
	[ "$(ids_left)" = "$(wc -l <"$TMP/ids")" ] || not_ok "$1" "bpftool does not see them"
	equal "$1: held before" "$(cut -d' ' -f1 "$TMP/ids" | sort -u | paste -sd' ')" "link map prog"
}

# ends_by NAME SIGNAL STATUS COMMAND...
ends_by()
{
	local name=$1 signal=$2 want=$3 status

	shift 3
	rm -f "$TMP/attached"
	spawn "$EPSCOPE" "$@" -p "$target" -o "$TMP/rows" --ready-file "$TMP/attached" 2>"$TMP/err"
	wait_for_file "$TMP/attached" 60 || not_ok "$name" "$(cat "$TMP/err")"
	held "$name" "$SPAWNED"
	[ "$signal" = none ] || kill "-$signal" "$SPAWNED"
	wait "$SPAWNED" 2>/dev/null
	status=$?
	equal "$name: status, stderr" "$status $(cat "$TMP/err")" "$want "
	nothing_left "$name"
}

case_signals()
{
	local signal

	ends_by "normal end" none 0 stat -d 1s
	for signal in INT TERM HUP; do
		ends_by "stat, SIG$signal" $signal 0 stat
	done
	ends_by "trace, SIGINT" INT 0 trace
	ends_by "record, SIGTERM" TERM 0 record
	ends_by "stat, SIGKILL" KILL 137 stat
	ends_by "trace, SIGKILL" KILL 137 trace
	ends_by "basic tier, SIGKILL" KILL 137 stat --tier basic
}

# A program that was started under observation does not outlive it, but with SIGKILL, where
# nobody is left to end it.
case_program()
{
	local signal tracer

	for signal in INT TERM; do
		rm -f "$TMP/attached"
		spawn "$EPSCOPE" stat -o "$TMP/rows" --ready-file "$TMP/attached" -- \
			build/tests/wl_items --items 3 --hold 60 --ready-file "$TMP/started" >/dev/null
		tracer=$SPAWNED
		wait_for_file "$TMP/attached" 60 && wait_for_file "$TMP/started" 20
		held "program, SIG$signal" "$tracer"
		kill "-$signal" "$tracer"
		wait "$tracer"
		equal "program, SIG$signal: status" $? 0
		[ ! -e "/proc/$(field <(tr ' ' '\n' <"$TMP/started") pid)" ] ||
			not_ok "program, SIG$signal" "it runs on"
		nothing_left "program, SIG$signal"
	done
}

case_dashboard()
{
	local signal

	if ! command -v tmux >/dev/null; then
		skip "dashboard" "tmux is missing: scripts/setup test"
		return
	fi
	tui_shell 100 30
	for signal in INT TERM HUP; do
		dashboard -- -p "$target"
		screen_has "dashboard, SIG$signal: runs" "epserver *$target"
		held "dashboard, SIG$signal" "$TUI_PID"
		kill "-$signal" "$TUI_PID"
		dashboard_gone "dashboard, SIG$signal"
		nothing_left "dashboard, SIG$signal"
	done
}

spawn build/tests/epserver --listen 127.0.0.1:0 --ready-file "$TMP/server" --duration 280 >/dev/null
target=$SPAWNED
wait_for_file "$TMP/server" 20 || not_ok "server" "did not start"
port=$(tr ' ' '\n' <"$TMP/server" | sed -n 's/^port=//p')
probes >"$TMP/probes.before"
case_signals
case_program
case_dashboard
