#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What an observer adds to a round trip of a token between two threads, the worst case for it, and to
# a request to the bundled server. All run on the CPUs that the script may use: give it one
# (taskset 1), as tests/bench/vm.sh does, or the wakeups from one CPU to another are what is measured.
# CONTESTANTS="NAME NAME" are those that run, untraced first. LABEL goes behind the files' name.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/bench/contestants.sh
. "$(dirname "$0")/contestants.sh"

CONTESTANTS=${CONTESTANTS:-untraced empty stat trace record bpftrace-kfunc bpftrace-kprobe perf-trace
	strace-all}

BLOCK=${BLOCK:-0.2}          # seconds of a block of the ping-pong
BLOCKS=${BLOCKS:-3}          # of a run, the median of which is its figure
LOAD_SECONDS=${LOAD_SECONDS:-1} # of a run against the server
declare -A alone             # per figure, without an observer, in the round that runs

# added FIGURE NAME NS: how much longer than untraced in the same round.
added()
{
	[ "$2" != untraced ] || alone[$1]=$3
	sample "$1" "$2" ns "$3"
	[ "$2" = untraced ] ||
		sample "added to a $1" "$2" ns "${3:+$(($3 - ${alone[$1]}))}"
}

# The share of the program's waits that the observer saw: it is no use being cheap by missing some.
waits_seen()
{
	local seen

	seen=$(waits_by "$1")
	[ -z "$seen" ] || sample "waits seen of those made" "$1" % "$(percent "$seen" "$2")"
}

pingpong()
{
	rm -f "$TMP/pingpong.ready"
	spawn "$TOOLS/bench/pingpong" --block "$BLOCK" --blocks "$BLOCKS" --go-signal \
		--ready-file "$TMP/pingpong.ready" >"$TMP/pingpong"
	target=$SPAWNED
	await "$TMP/pingpong.ready" 20 pingpong
	if ! start_contestant "$1"; then
		end_spawned "$target"
		added "round trip" "$1" ""
		return
	fi
	kill -USR1 "$target"
	wait "$target"
	end_contestant "$1"
	added "round trip" "$1" "$(field "$TMP/pingpong" round_trip_ns)"
	waits_seen "$1" "$(field "$TMP/pingpong" waits)"
}

# The server and its client share the CPU, so that a second's requests are a second of CPU.
requests()
{
	local cost=

	server_start "$TMP/server"
	target=$server
	if start_contestant "$1"; then
		"$TOOLS/epload" --connect "127.0.0.1:$port" --connections 10 --quiet \
			--duration "$LOAD_SECONDS" >"$TMP/load"
		cost=$(awk -v s="$(field "$TMP/load" seconds)" \
			-v n="$(field "$TMP/load" messages_echoed)" \
			'BEGIN { printf "%.0f", s * 1e9 / n }')
		end_contestant "$1"
	fi
	end_spawned "$server"
	sample "server" "$1" "requests per second" "${cost:+$((1000000000 / cost))}"
	added "request" "$1" "$cost"
}

bench_begin "pingpong${LABEL-}"
# shellcheck disable=SC2086 # a list of words
rounds pingpong $CONTESTANTS
# shellcheck disable=SC2086
rounds requests $CONTESTANTS
bench_table --base bpftrace-kfunc \
	--goal "added to a round trip" stat ratio at-most 0.4 \
	--goal "added to a request" stat ratio at-most 0.4
