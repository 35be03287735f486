#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the kernel refuses at the last moment costs what it was for, and not the run: the next
# mechanism takes its place, or the figure is unknown, and `epscope check` says which and why. The
# kernel refuses since another program has filled the place with as many programs as it takes.
. "$(dirname "$0")/../lib.sh"
need_root refused

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
full=no
grep -q '^full tier' "$TMP/check" && full=yes

# occupy KIND PLACE: nobody else gets in there; its process id is in SPAWNED.
occupy()
{
	rm -f "$TMP/occupied"
	spawn build/tests/occupy "$1" "$2" >"$TMP/occupied" 2>"$TMP/err"
	wait_for_file "$TMP/occupied" 30 || not_ok "$1 $2" "not occupied: $(cat "$TMP/err")"
}

# said HOOK WORDS...: check's line of that hook has all of them.
said()
{
	local hook=$1 line word

	shift
	line=$("$EPSCOPE" check 2>&1 | grep "^$hook ")
	for word in "$@"; do
		case $line in
		*"$word"*) ;;
		*) not_ok "$hook refused: check" "no '$word' in: $line" && return ;;
		esac
	done
	ok "$hook refused: check says it"
}

# figures NAME COLUMN[=WANT]...: of a workload under observation; without WANT what it says itself.
figures()
{
	local name=$1 column want got

	shift
	if ! "$EPSCOPE" stat -i 200ms -o "$TMP/csv" -- build/tests/wl_counts --rounds 30 --errors \
		--setup-after-go >"$TMP/truth" 2>"$TMP/err" || [ -s "$TMP/err" ]; then
		not_ok "$name" "epscope: $(cat "$TMP/err")"
		return
	fi
	for column in "$@"; do
		case $column in
		*=*) want=${column#*=} ;;
		*) want=$(field "$TMP/truth" "$column") ;;
		esac
		got=$(csv_col "$TMP/csv" "${column%%=*}" row=summary |
			awk 'NF { s += $1; n++ } END { if (n) print s }')
		equal "$name: ${column%%=*}" "$got" "$want"
	done
}

case_full()
{
	local pid

	occupy fentry ep_poll_callback
	pid=$SPAWNED
	said callback "kprobe ep_poll_callback" "callback_fentry: Argument list too long"
	figures "callback refused" callbacks cb_ready waits delivered adds
	end_spawned "$pid"
	# Late waits are an extra: without it the wait itself is as it was
	occupy tracepoint sys_exit_epoll_wait
	pid=$SPAWNED
	said wait "do_epoll_wait" "waits that had begun before are not seen to return" \
		"wait_exit_tp: Argument list too long"
	figures "late waits refused" callbacks waits delivered adds
	end_spawned "$pid"
}

case_uring()
{
	grep -qw epoll_sendevents /proc/kallsyms || return
	occupy fentry epoll_sendevents
	said wait "do_epoll_wait" "waits through io_uring are not seen" \
		"uring_fentry: Argument list too long"
	figures "io_uring refused" callbacks waits delivered adds
	end_spawned "$SPAWNED"
}

case_basic()
{
	local pid

	occupy tracepoint sys_exit_epoll_ctl
	pid=$SPAWNED
	said ctl "none" "ctl_exit_tp: Argument list too long"
	figures "ctl refused" adds= ctl_errors= waits delivered
	end_spawned "$pid"
	occupy tracepoint sys_exit_epoll_wait
	pid=$SPAWNED
	run_limited 30 "$EPSCOPE" stat -a -c 1 >"$TMP/out" 2>"$TMP/err"
	equal "wait refused: status" $? 4
	grep -q "no way to see epoll_wait on this kernel: .*wait_exit_tp: Argument list too long" \
		"$TMP/err" || not_ok "wait refused: reason" "$(cat "$TMP/err")"
	end_spawned "$pid"
}

if [ $full = yes ]; then
	case_full
	case_uring
else
	case_basic
fi
[ $failures = 0 ]
