#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# memcached, four threads with an instance each besides the main thread's, under memcslap.
. "$(dirname "$0")/../lib-real.sh"
need_program memcached memcslap

memcached_command()
{
	port=$(port_pick)
	cmd=(memcached -u root -l 127.0.0.1 -p "$port" -U 0 -t 4)
}

memcached_ready()
{
	tcp_answers "$port"
}

memcached_load()
{
	memcslap -s "127.0.0.1:$port" -t get -c 4 -e $((count / 4)) >"$dir/slap" 2>&1 &&
		grep -oE '(get|set) +[0-9]+ keys' "$dir/slap" >"$dir/load"
}

# Each command comes alone, and so does the end of a connection; of its first event a worker makes
# two, since it does not read before it has waited once more. The first connection memcached counts
# is its listener; `stats` is a command of its own.
memcached_quiet()
{
	local line commands

	exec 3<>"/dev/tcp/127.0.0.1/$port"
	printf 'stats\r\n' >&3
	while IFS=' ' read -r _ line <&3 && [ -n "$line" ]; do
		line=${line%$'\r'}
		echo "${line/ /=}"
	done >"$dir/said"
	exec 3>&-
	connections=$(($(field "$dir/said" total_connections) - 1))
	equal "memcached gets" "$(field "$dir/said" cmd_get)" $((count / 4 * 4))
	commands=$(($(field "$dir/said" cmd_get) + $(field "$dir/said" cmd_set) + 1))
	quiet=(--gone $((commands + 2 * connections)) --item "tcp=127.0.0.1:$port LISTEN"
		--item "eventfd=* x4")
}

# Besides the connections: the listener, and an eventfd for each worker.
memcached_compare()
{
	equal "memcached connections" "$(total adds)" $((connections + 1 + 4))
	equal "memcached put back" "$(total put_back)" "$(total delivered)"
}

real_main memcached command
