#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What goes wrong ends with one line on stderr that says what failed, why and what to do, with the
# documented exit status, and never in the middle of a row.
. "$(dirname "$0")/../lib.sh"
need_root errors

WORD='[;,] | or |`|try |give |choose |see |use |lists '
PLAIN=$TMP/open/epscope # where everybody may start it, wherever the repository is
chmod 755 "$TMP"
mkdir -m 755 "$TMP/open"
cp "$EPSCOPE" "$PLAIN"
mkdir "$TMP/disk"

# ends NAME STATUS REGEX COMMAND...: that status, one line on stderr, nothing half on stdout.
ends()
{
	local name=$1 want=$2 regex=$3 status

	shift 3
	run_limited 60 "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	status=$?
	if [ $status != "$want" ]; then
		not_ok "$name" "status $status, not $want: $(head -3 "$TMP/err")"
	elif [ -s "$TMP/out" ] && [ "$(tail -c 1 "$TMP/out")" != "" ]; then
		not_ok "$name" "half a line: $(tail -1 "$TMP/out")"
	else
		one_line "$name" "$regex"
	fi
}

# one_line NAME REGEX: what was said; nothing without a REGEX.
one_line()
{
	if [ -z "$2" ]; then
		equal "$1" "$(cat "$TMP/err")" ""
	elif [ "$(wc -l <"$TMP/err")" != 1 ] || ! grep -q '^epscope: ' "$TMP/err"; then
		not_ok "$1" "not one line of epscope: $(head -5 "$TMP/err")"
	elif grep -qi libbpf "$TMP/err" || ! grep -qE "$2" "$TMP/err" ||
		! grep -qE "$WORD" "$TMP/err"; then
		not_ok "$1" "unclear: $(cat "$TMP/err")"
	else
		ok "$1"
	fi
}

# A shell command after it runs where nobody else sees its mounts.
PRIVATELY=(unshare -m --propagation private sh -c)
AS_NOBODY=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# A process that nothing else can be any more.
gone_pid()
{
	local pid

	sh -c : &
	pid=$!
	wait $pid
	echo $pid
}

case_arguments()
{
	ends "no such process" 5 "no process with PID" "$EPSCOPE" stat -p "$(gone_pid)"
	ends "a thread that is no process" 5 "no process with PID" "$EPSCOPE" stat -p 2147483647
	ends "no number" 2 "12abc: not a process id" "$EPSCOPE" stat -p 12abc
	ends "negative" 2 "not a process id" "$EPSCOPE" stat -p -5
	ends "zero" 2 "not a process id" "$EPSCOPE" stat -p 0
	ends "epscope itself" 5 "is epscope itself" \
		sh -c "exec '$EPSCOPE' stat -p \$\$"
	ends "nothing to watch" 2 "nothing to watch" "$EPSCOPE" stat
	ends "unknown command" 2 "no command 'bogus'" "$EPSCOPE" bogus -p $$
	ends "unknown option" 2 "unknown option --bogus" "$EPSCOPE" stat --bogus -p $$
	ends "unknown column" 2 "no column 'bogus'" \
		"$EPSCOPE" stat -p $$ --format csv --columns bogus
	ends "unknown sort" 2 "sort by 'bogus'" "$EPSCOPE" stat -p $$ --sort bogus
	ends "unknown event" 2 "no event type 'bogus'" "$EPSCOPE" trace -p $$ --events bogus
	ends "unknown format" 2 "choose csv, json" "$EPSCOPE" stat -p $$ --format xml
	ends "conflicting targets" 2 "exclude one another" "$EPSCOPE" stat -p $$ -a
	ends "conflicting target and recording" 2 "exclude|-r" "$EPSCOPE" stat -p $$ -r x
	ends "no such program" 127 "cannot start 'no-such-command'" \
		"$EPSCOPE" stat -- no-such-command
	ends "a program that is a folder" 127 "cannot start '/tmp'" "$EPSCOPE" stat -- /tmp
	ends "dashboard without a terminal type" 8 "TERM is not set" sh -c "$(on_terminal "")"
	ends "dashboard with an unknown terminal" 8 "terminal type 'bogus'" \
		sh -c "$(on_terminal bogus)"
}

# on_terminal TYPE: a command for the dashboard on a new terminal of that type.
on_terminal()
{
	echo "script -qec \"TERM=$1 '$EPSCOPE' -p $$ 2>'$TMP/said'\" /dev/null >/dev/null
		s=\$?; cat '$TMP/said' >&2; exit \$s"
}

case_privileges()
{
	ends "process of another, without root" 3 "run as root" "${AS_NOBODY[@]}" "$PLAIN" stat -p $$
	ends "own process, without root" 3 "run as root" \
		"${AS_NOBODY[@]}" sh -c "sleep 60 & '$PLAIN' stat -p \$!; s=\$?; kill \$!; exit \$s"
	ends "program, without root" 3 "run as root" "${AS_NOBODY[@]}" "$PLAIN" trace -- sleep 60
	ends "check, without root" 3 "run as root" "${AS_NOBODY[@]}" "$PLAIN" check
	ends "no privileges at all" 3 "run as root" \
		setpriv --bounding-set=-all --inh-caps=-all "$PLAIN" stat -p $$
	ends "help needs none" 0 "" "${AS_NOBODY[@]}" "$PLAIN" --help
	ends "schema needs none" 0 "" "${AS_NOBODY[@]}" "$PLAIN" schema
}

case_kernel()
{
	ends "no BTF" 4 "no BTF: /sys/kernel/btf/vmlinux" "${PRIVATELY[@]}" \
		"mount -t tmpfs none /sys/kernel/btf && exec '$EPSCOPE' stat -p $$"
	ends "BTF that is none" 4 "BTF" "${PRIVATELY[@]}" \
		"mount --bind /dev/null /sys/kernel/btf/vmlinux && exec '$EPSCOPE' stat -p $$"
	ends "mechanism that the hook does not have" 4 "exit=kprobe: " \
		"$EPSCOPE" stat -p $$ --mech exit=kprobe
	if ! "$EPSCOPE" check | grep -q '^full tier'; then
		ends "no function probes" 4 "callback=fentry: " \
			"$EPSCOPE" stat -p $$ --mech callback=fentry
		ends "no function probes for all" 4 "no way to see epoll_wait" \
			"$EPSCOPE" stat -p $$ --mech all=fentry
	fi
	ends "no tracefs is needed" 0 "" "${PRIVATELY[@]}" "
		umount -q /sys/kernel/debug/tracing /sys/kernel/tracing /sys/kernel/debug 2>/dev/null
		exec '$EPSCOPE' stat -i 100ms -o '$TMP/notracefs' -- build/tests/wl_counts"
	equal "waits without tracefs" "$(csv_col "$TMP/notracefs" waits row=summary)" \
		"$(field "$TMP/out" waits)"
	[ -s "$TMP/notracefs" ] || not_ok "rows without tracefs" "none"
}

# The disk is full sooner or later: rows, a recording, a snapshot.
case_output()
{
	local what

	for what in check schema --help; do
		ends "full device: $what" 6 "not written whole: No space" \
			sh -c "exec '$EPSCOPE' $what >/dev/full"
	done
	ends "missing folder" 6 "/nowhere/x: cannot be written" \
		"$EPSCOPE" stat -p "$busy" -o "$TMP/nowhere/x"
	ends "missing folder of a recording" 6 "/nowhere/x: cannot be written" \
		"$EPSCOPE" record -p "$busy" -o "$TMP/nowhere/x"
	for what in "stat -i 20ms" "trace" "tree" "record -i 20ms"; do
		# shellcheck disable=SC2086 # a command and its options
		ends "full device: $what" 6 "/dev/full: .*No space left" \
			"$EPSCOPE" $what -p "$busy" -d 20s -o /dev/full
		[ "$what" = tree ] && continue # too little to fill anything
		ends "disk becomes full: $what" 6 "not written whole: No space left" "${PRIVATELY[@]}" "
			mount -t tmpfs -o size=16k none '$TMP/disk'
			'$EPSCOPE' $what -p $busy -d 20s -o '$TMP/disk/x'
			status=\$?
			cat '$TMP/disk/x' >'$TMP/partial'
			exit \$status"
		[ "${what%% *}" = record ] && continue
		# Each row has a line of its own, the last one too.
		equal "whole rows on the full disk: $what" "$(tail -c 1 "$TMP/partial")" ""
	done
}

# reader_leaves COMMAND...: status 0, no message, when a pipe is closed.
reader_leaves()
{
	{
		run_limited 30 "$EPSCOPE" "$@" -p "$busy" -d 20s 2>"$TMP/err"
		echo $? >"$TMP/status"
	} | head -3 >"$TMP/head"
	equal "reader of $1 leaves: rows" "$(wc -l <"$TMP/head")" 3
	equal "reader of $1 leaves: status" "$(cat "$TMP/status") $(cat "$TMP/err")" "0 "
}

case_recording()
{
	"$EPSCOPE" record -p "$busy" -d 300ms -i 50ms -o "$TMP/rec"
	head -c 3000 "$TMP/rec" >"$TMP/cut"
	ends "cut recording" 7 "cut" "$EPSCOPE" stat -r "$TMP/cut" --format csv
	ends "foreign recording" 7 "is not a recording" "$EPSCOPE" stat -r "$0"
	ends "empty recording" 7 "is not a recording" "$EPSCOPE" stat -r /dev/null
	ends "missing recording" 7 "cannot open" "$EPSCOPE" stat -r "$TMP/nowhere"
	ends "recording that is a folder" 7 "cannot read" "$EPSCOPE" stat -r "$TMP"
}

# Targets that end before, while and after epscope attaches.
case_race()
{
	local i pid status start=${EPOCHREALTIME/./} end=$((SECONDS + 30)) step bad="" tries=30

	"$EPSCOPE" stat -a -c 1 >/dev/null
	step=$(((${EPOCHREALTIME/./} - start) * 2 / tries)) # us
	for ((i = 0; i < tries && SECONDS < end; i++)); do
		sleep "$(printf '%d.%06d' $((step * i / 1000000)) $((step * i % 1000000)))" &
		pid=$!
		run_limited 30 "$EPSCOPE" stat -p $pid --format csv >"$TMP/out" 2>"$TMP/err"
		status=$?
		wait $pid
		case $status:$(grep -c . "$TMP/err") in
		0:0 | 5:1) ;;
		*) bad="try $i: status $status, $(head -2 "$TMP/err")" ;;
		esac
	done
	equal "target that exits while attaching" "$bad" ""
}

spawn build/tests/wl_sleep --rounds 1000000 --timeout-ms 2 --ready-file "$TMP/busy" >/dev/null
busy=$SPAWNED
wait_for_file "$TMP/busy" 10 || not_ok "busy target" "did not start"
case_arguments
case_privileges
case_kernel
case_output
reader_leaves trace
reader_leaves stat -i 50ms
case_recording
case_race
