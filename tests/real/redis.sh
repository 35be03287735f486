#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# redis-server under redis-benchmark.
. "$(dirname "$0")/../lib-real.sh"
need_program redis-server redis-benchmark redis-cli

redis_command()
{
	cmd=(redis-server --port 0 --unixsocket "$dir/sock" --save "" --appendonly no
		--dir "$dir")
}

redis_ready()
{
	[ "$(redis-cli -s "$dir/sock" ping 2>/dev/null)" = PONG ]
}

redis_load()
{
	redis-benchmark -s "$dir/sock" -c 10 -n "$count" -t get,set --csv >"$dir/bench" &&
		echo "tests=$(grep -cE '"(GET|SET)"' "$dir/bench")" >"$dir/load"
}

# Each command comes alone, since the client waits for the answer, so each is one event; but for the
# two CONFIG GET that redis-benchmark sends at once at its start. This INFO is one more, and so is
# the end of each connection.
redis_quiet()
{
	redis-cli -s "$dir/sock" info stats | tr -d '\r' | tr : = >"$dir/said"
	connections=$(field "$dir/said" total_connections_received)
	commands=$(field "$dir/said" total_commands_processed)
	at_most "redis commands" $((2 * count)) "$commands"
	quiet=(--gone $((commands - 1 + 1 + connections)) --item "unix=$dir/sock LISTEN")
}

# Besides the connections: the listener, and the pipe that modules wake the server with.
redis_compare()
{
	equal "redis connections" "$(total adds)" $((connections + 2))
	equal "redis closed connections" "$(total dels)" "$connections"
	equal "redis put back" "$(total put_back)" "$(total delivered)"
}

real_main redis command
