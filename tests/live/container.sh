#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A target with PID, network and mount namespaces of its own. From outside and from inside PIDs are
# meant and shown as the caller sees them, and its sockets are told from its own network namespace.
# What is out of the caller's sight is nobody's.
. "$(dirname "$0")/../lib.sh"
need_root container

for tool in unshare nsenter ip; do
	command -v $tool >/dev/null || { skip container "$tool is missing: scripts/setup test"; exit 0; }
done
check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
PORT=7 # of the container's own loopback: the machine's may use the same

# inside COMMAND...: in all namespaces of the container.
inside()
{
	nsenter -t "$init" -m -p -n "$@"
}

# container_start: its first process is a sleep; its PID out here is in init.
container_start()
{
	local i

	spawn unshare --pid --fork --mount-proc --net --mount --kill-child sleep 300
	for ((i = 0; i < 100; i++)); do
		init=$(cat "/proc/$SPAWNED/task/$SPAWNED/children" 2>/dev/null)
		[ -n "$init" ] && [ "$(cat "/proc/${init% }/comm")" = sleep ] && break
		nap 0.05
	done
	init=${init% }
	inside ip link set lo up
}

# pid_outside COMM PID: the number out here of what has that number in there.
pid_outside()
{
	grep -l "^NSpid:.*[[:space:]]$2\$" /proc/[0-9]*/status 2>/dev/null | while read -r status; do
		grep -q "^Name:[[:space:]]*$1\$" "$status" && basename "$(dirname "$status")"
	done
}

# workload NAME: waits for its go, in the container; its PIDs are in pid_in and pid_out.
workload()
{
	spawn inside "$PWD"/build/tests/wl_counts --ready-file "$TMP/$1.ready" --go-file "$TMP/$1.go" \
		--truth-file "$TMP/$1.truth" --hold 60 >/dev/null
	wait_for_file "$TMP/$1.ready" 20 || { not_ok "$1" "workload not ready"; exit 1; }
	pid_in=$(tr ' ' '\n' <"$TMP/$1.ready" | field /dev/stdin pid)
	pid_out=$(pid_outside wl_counts "$pid_in")
}

# counted NAME PID COMMAND...: of that workload, by epscope stat that is run with COMMAND before it.
counted()
{
	local name=$1 pid=$2

	shift 2
	spawn "$@" "$EPSCOPE" stat -p "$pid" -i 200ms -o "$TMP/$name.csv" \
		--ready-file "$TMP/$name.attached" 2>"$TMP/$name.err"
	wait_for_file "$TMP/$name.attached" 60 || { not_ok "$name" "$(cat "$TMP/$name.err")"; exit 1; }
	: >"$TMP/$name.go"
	wait_for_file "$TMP/$name.truth" 30 || not_ok "$name" "no truth"
	nap 0.5
	kill "$pid_out" # its last sample is the end
	wait "$SPAWNED"
	equal "$name: status, stderr" "$? $(cat "$TMP/$name.err")" "0 "
	tests/truth.py --name "$name" --csv "$TMP/$name.csv" --check "$TMP/check" \
		--skip instances,items,destroys "counts:$pid:$TMP/$name.truth" ||
		failures=$((failures + 1))
}

# The server's sockets, by epscope tree that is run with COMMAND before it.
# sockets NAME PID COMMAND...
sockets()
{
	local name=$1 pid=$2

	shift 2
	"$@" "$EPSCOPE" tree -p "$pid" --format csv -o "$TMP/$name.csv" 2>"$TMP/$name.err" ||
		not_ok "$name" "$(cat "$TMP/$name.err")"
	equal "$name: listening socket of its namespace" \
		"$(csv_col "$TMP/$name.csv" detail type=tcp | grep LISTEN | sort -u)" \
		"127.0.0.1:$PORT LISTEN"
	equal "$name: its process" "$(csv_col "$TMP/$name.csv" tgid type=tcp | sort -u)" "$pid"
	equal "$name: peers" "$(csv_col "$TMP/$name.csv" detail type=tcp |
		grep -c "^127.0.0.1:$PORT -> 127.0.0.1:")" 2
}

# trace_test: each row names the thread as the container sees it; -a there shows nobody else.
trace_test()
{
	workload trace
	spawn inside "$EPSCOPE" trace -a --events wait -o "$TMP/trace.csv" \
		--ready-file "$TMP/trace.attached" 2>"$TMP/trace.err"
	wait_for_file "$TMP/trace.attached" 60 || not_ok "trace" "$(cat "$TMP/trace.err")"
	build/tests/wl_pingpong --count 200 >/dev/null # not in there
	: >"$TMP/trace.go"
	wait_for_file "$TMP/trace.truth" 30 || not_ok "trace" "no truth"
	nap 0.5
	kill -INT "$(pid_outside epscope "$(pgrep_inside epscope)")"
	wait "$SPAWNED"
	equal "trace -a inside: a row per wait" \
		"$(csv_col "$TMP/trace.csv" type type=wait "tid=$pid_in" | wc -l)" \
		"$(field "$TMP/trace.truth" waits)"
	equal "trace -a inside: nobody out of sight" \
		"$(csv_col "$TMP/trace.csv" comm type=wait | grep -c wl_pingpong)" 0
	kill "$pid_out"
}

pgrep_inside()
{
	inside sh -c "grep -l '^$1\$' /proc/[0-9]*/comm" | sed 's/[^0-9]//g'
}

container_start
workload outside
counted outside "$pid_out"
workload inside
if [ "$pid_in" = "$pid_out" ]; then
	not_ok "a number of its own" "$pid_in inside and outside"
fi
counted inside "$pid_in" inside
spawn inside "$PWD"/build/tests/epserver --listen 127.0.0.1:$PORT --duration 120 --ready-file "$TMP/server" \
	>/dev/null
wait_for_file "$TMP/server" 20 || { not_ok "server" "did not start"; exit 1; }
server=$(tr ' ' '\n' <"$TMP/server" | field /dev/stdin pid)
spawn inside "$PWD"/build/tests/epload --connect 127.0.0.1:$PORT --connections 2 --rate 20 \
	--duration 100 --quiet >/dev/null
sleep 1
sockets "sockets from outside" "$(pid_outside epserver "$server")"
sockets "sockets from inside" "$server" inside
trace_test
"$EPSCOPE" stat -p "$init" -c 1 >/dev/null 2>&1 # a process that never uses epoll
equal "the container's first process" "$?" 0
nsenter -t "$init" -p "$EPSCOPE" stat -p 1 -c 1 >/dev/null 2>"$TMP/err"
equal "/proc of another namespace is refused" "$? $(grep -c 'PID namespace' "$TMP/err")" "5 1"
