#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every way to say what to watch: what is there already is in the first row, what comes later
# appears by itself, and with the last target the run ends with its last figures.
. "$(dirname "$0")/../lib.sh"
need_root attach

tracer=
pid=

# target NAME PROGRAM ARGS...: one that waits for its go; its process id is in pid.
# It stays for HOLD seconds after that.
target()
{
	local name=$1 program=$2

	shift 2
	spawn "build/tests/$program" "$@" --ready-file "$TMP/$name.ready" --go-file "$TMP/$name.go" \
		--truth-file "$TMP/$name.truth" --hold "${HOLD-100}" >/dev/null
	pid=$SPAWNED
	wait_for_file "$TMP/$name.ready" 20 || not_ok "$name" "target did not start"
}

# go NAME: and wait until it has done its work.
go()
{
	: >"$TMP/$1.go"
	wait_for_file "$TMP/$1.truth" 30 || not_ok "$1" "no truth"
}

# watch NAME ARGS...: rows go to $TMP/NAME.csv; returns when all is attached.
watch()
{
	local name=$1

	shift
	spawn "$EPSCOPE" "$@" -o "$TMP/$name.csv" --ready-file "$TMP/$name.attached" \
		2>"$TMP/$name.err"
	tracer=$SPAWNED
	wait_for_file "$TMP/$name.attached" 60 || not_ok "$name" "$(cat "$TMP/$name.err")"
}

# ended NAME: by itself, with status 0 and without a message.
ended()
{
	local i

	for ((i = 0; i < 600; i++)); do
		still_ours "$tracer" || break
		nap 0.05
	done
	if still_ours "$tracer"; then
		not_ok "$1 ends by itself" "still running"
		end_spawned "$tracer"
		return
	fi
	wait "$tracer"
	equal "$1 ends by itself" "$? $(cat "$TMP/$1.err")" "0 "
}

# once ARGS...: one sample of stat, in $TMP/once.csv.
once()
{
	"$EPSCOPE" stat -c 1 -o "$TMP/once.csv" "$@" || not_ok "stat $*" "status $?"
}

# interval COLUMN [COLUMN=VALUE...]: of that sample, sorted, in one line.
interval()
{
	csv_col "$TMP/once.csv" "$1" row=interval "${@:2}" | sort -n | paste -sd' '
}

# What is there before epscope: each figure exact from the first row on.
case_before()
{
	local old many

	target old wl_items --items 300 --ready 77
	go old
	old=$pid
	target many wl_create --instances 20 --live 5 --items 3
	go many
	many=$pid
	once -p "$old"
	equal "old instance: items" "$(interval items)" 300
	equal "old instance: ready" "$(interval ready)" 77
	equal "old instance: no birth" "$(interval born_ns)" ""
	once -p "$old,$many"
	equal "two processes: the one" "$(interval items "tgid=$old")" "300"
	equal "two processes: several instances" "$(interval items "tgid=$many")" "3 3 3 3 3"
	once -a
	equal "all processes: the one" "$(interval items "tgid=$old")" "300"
	equal "all processes: the other" "$(interval items "tgid=$many")" "3 3 3 3 3"
	end_spawned "$old"
	end_spawned "$many"
}

# threads ARGS...: a server of 4 threads, when all of them wait; its process id is in pid.
threads()
{
	local i

	rm -f "$TMP/server"
	spawn build/tests/epserver --listen 127.0.0.1:0 --threads 4 --duration 60 \
		--ready-file "$TMP/server" "$@" >/dev/null 2>&1
	pid=$SPAWNED
	wait_for_file "$TMP/server" 20 || not_ok "server" "did not start"
	for ((i = 0; i < 200; i++)); do # 232 is epoll_wait of x86-64
		[ "$(cat "/proc/$pid/task"/*/syscall | grep -c '^232 ')" = 4 ] && return
		nap 0.05
	done
	skip "threads" "cannot tell when they wait"
}

case_threads()
{
	local one each

	threads --instances shared
	one=$pid
	threads --instances each
	each=$pid
	once -p "$one,$each"
	equal "threads on one instance" \
		"$(interval waiters "tgid=$one") $(interval in_wait "tgid=$one")" "4 4"
	equal "threads on one instance each" \
		"$(interval waiters "tgid=$each") $(interval in_wait "tgid=$each")" \
		"1 1 1 1 1 1 1 1"
	end_spawned "$one"
	end_spawned "$each"
}

case_name()
{
	local a

	cp build/tests/wl_items "$TMP/eptarget"
	watch name stat -n eptarget -i 100ms
	HOLD=100 named first 11
	a=$pid
	named second 22
	end_spawned "$a"
	end_spawned "$pid"
	kill -INT "$tracer"
	wait "$tracer"
	equal "name: ends with SIGINT" "$? $(cat "$TMP/name.err")" "0 "
	equal "name: both of them" "$(csv_col "$TMP/name.csv" tgid row=summary | sort -n)" \
		"$(printf '%s\n' "$a" "$pid" | sort -n)"
}

# named NAME ITEMS: a target that starts while its name is watched shows up with all its items.
named()
{
	local i

	spawn "$TMP/eptarget" --items "$2" --hold 100 >/dev/null
	pid=$SPAWNED
	for ((i = 0; i < 200; i++)); do
		[ -n "$(csv_col "$TMP/name.csv" items "tgid=$pid" "items=$2")" ] && break
		nap 0.1
	done
	equal "name: $1 process that starts later" \
		"$(csv_col "$TMP/name.csv" items "tgid=$pid" row=interval "items=$2" | head -1)" "$2"
}

# A process that takes the name is watched from its first call. It may be gone before the next
# sample.
case_name_whole()
{
	cp build/tests/wl_counts "$TMP/epcounts"
	watch name_whole stat -n epcounts -i 100ms
	"$TMP/epcounts" --errors --setup-after-go >"$TMP/name_whole.truth"
	kill -INT "$tracer"
	wait "$tracer"
	equal "name from the first call: ends with SIGINT" "$? $(cat "$TMP/name_whole.err")" "0 "
	sums name_whole "$TMP/name_whole.truth"
}

# sums NAME TRUTH [COLUMN=VALUE...]: the summary of it is what the program says.
sums()
{
	local column key

	for column in waits delivered adds dels ctl_errors; do
		key=$column
		equal "$1: $column" "$(csv_col "$TMP/$1.csv" $column row=summary "${@:3}" |
			awk '{ s += $1 } END { if (NR) print s }')" "$(field "$2" $key)"
	done
}

case_command()
{
	"$EPSCOPE" stat -i 100ms -o "$TMP/command.csv" -- \
		build/tests/wl_counts --errors --setup-after-go >"$TMP/truth" 2>"$TMP/err"
	equal "program: status, nothing on stderr" "$? $(cat "$TMP/err")" "0 "
	sums command "$TMP/truth"
	"$EPSCOPE" trace --events create -o "$TMP/create.csv" -- \
		build/tests/wl_create --instances 60 --setup-after-go >"$TMP/truth"
	equal "program: every epoll_create" "$(csv_col "$TMP/create.csv" type type=create | wc -l)" \
		"$(field "$TMP/truth" creates)"
	# shellcheck disable=SC2016 # the started shell expands it
	"$EPSCOPE" stat -o "$TMP/said.csv" -- \
		sh -c 'ls -l /proc/$$/fd | grep -c anon_inode; echo err >&2; exit 3' \
		>"$TMP/out" 2>"$TMP/err"
	equal "program: its output is not lost" "$? $(cat "$TMP/err")" "0 err"
	equal "program: inherits no descriptor of ours" "$(cat "$TMP/out")" 0
}

case_follow()
{
	local i

	"$EPSCOPE" stat -i 100ms -o "$TMP/follow.csv" -- sh -c "
		build/tests/wl_counts --setup-after-go >'$TMP/truth1' &
		build/tests/wl_counts --setup-after-go --rounds 30 >'$TMP/truth2' & wait"
	for i in 1 2; do
		sums follow "$TMP/truth$i" "tgid=$(field "$TMP/truth$i" pid)"
	done
	for i in with without; do
		spawn sh -c "until [ -e '$TMP/$i.go' ]; do sleep 0.1; done
			build/tests/wl_counts --setup-after-go --hold 0.3 >'$TMP/$i.truth'; true"
		if [ $i = with ]; then
			watch $i stat -i 100ms -p "$SPAWNED" -f
		else
			watch $i stat -i 100ms -p "$SPAWNED"
		fi
		: >"$TMP/$i.go"
		ended $i
	done
	sums with "$TMP/with.truth" "tgid=$(field "$TMP/with.truth" pid)"
	equal "children are not watched without -f" "$(csv_col "$TMP/without.csv" row row=summary)" ""
}

case_shared()
{
	local main fd others

	target share wl_shared --rounds 4 --levels 2
	main=$pid
	go share
	fd=$(field "$TMP/share.truth" shared_epfd)
	once -p "$main"
	equal "shared: descriptors in one process" "$(interval owners "epfd=$fd")" 2
	equal "shared: items" "$(interval items "epfd=$fd")" 1
	others=$(sed -n 's/.*how=\(fork\|scm_rights\) pid=\([0-9]*\).*/\2/p' "$TMP/share.truth" |
		paste -sd,)
	once -p "$main,$others"
	equal "shared: by dup, fork and SCM_RIGHTS" "$(interval owners owners=4)" 4
	"$EPSCOPE" tree -p "$main" --format csv -o "$TMP/tree.csv"
	equal "nested: instances as items" "$(csv_col "$TMP/tree.csv" fd type=epoll | sort -n)" \
		"$(sed -n 's/^chain=[01] .*watches=//p' "$TMP/share.truth" | sort -n)"
	end_spawned "$main"
}

case_new()
{
	target new wl_items --items 40 --ready 9 --setup-after-go
	watch new stat -i 100ms -p "$pid"
	equal "nothing there yet" "$(csv_col "$TMP/new.csv" row row=interval)" ""
	go new
	end_spawned "$pid"
	ended new
	equal "new instance: all its items" "$(csv_col "$TMP/new.csv" adds row=summary)" 40
	[ -n "$(csv_col "$TMP/new.csv" born_ns row=summary)" ] || not_ok "new instance: birth" "unknown"
}

# living FILE PID: its instances in the last sample.
living()
{
	local last

	last=$(csv_col "$1" ts_ns row=interval "tgid=$2" | tail -1)
	csv_col "$1" instance row=interval "tgid=$2" "ts_ns=$last" | wc -l
}

# Instances come and go while hook after hook is attached: whose end was missed is not there for ever.
case_meanwhile()
{
	local want

	spawn build/tests/wl_create --instances 1000000 --items 1 --live 3 --pause-us 500 >/dev/null
	pid=$SPAWNED
	watch meanwhile stat -i 200ms -a
	sleep 1
	kill -STOP "$pid"
	sleep 3 # that they are missing is seen twice
	want=$(find "/proc/$pid/fd" -lname 'anon_inode:\[eventpoll\]' | wc -l)
	kill -INT "$tracer"
	wait "$tracer" || not_ok "meanwhile" "$(cat "$TMP/meanwhile.err")"
	equal "instances that came and went while it attached" "$(living "$TMP/meanwhile.csv" "$pid")" \
		"$want"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
}

case_exit()
{
	local HOLD=0

	target exit wl_counts
	watch exit stat -i 200ms -p "$pid"
	go exit
	ended exit
	sums exit "$TMP/exit.truth"
	target exit-trace wl_counts
	watch exit-trace trace --events return -p "$pid"
	go exit-trace
	ended exit-trace
	equal "trace: every return until the end" \
		"$(csv_col "$TMP/exit-trace.csv" type type=return | wc -l)" \
		"$(field "$TMP/exit-trace.truth" waits)"
	target killed wl_items --items 30 --hold 100
	watch killed stat -i 100ms -p "$pid"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	ended killed
	equal "killed: last items" "$(csv_col "$TMP/killed.csv" items row=interval | head -1)" 30
}

case_before
case_threads
case_name
case_name_whole
case_command
case_follow
case_shared
case_new
case_meanwhile
case_exit
