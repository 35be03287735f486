# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The clients of tests/lib-real.sh, which sources this. What they report goes to $dir/load.
# shellcheck disable=SC2034,SC2154 # variables of that file
port=      # of the server under test
probes=0   # connections that only asked whether it answers

# port_pick: prints a TCP port below those the kernel hands out, on which nobody listens.
port_pick()
{
	local port

	while :; do
		port=$((10000 + RANDOM % 20000))
		grep -qi ":$(printf '%04X' $port) " /proc/net/tcp /proc/net/tcp6 || break
	done
	echo $port
}

# tcp_answers PORT: somebody accepts there. `probes` has how many such connections there were.
tcp_answers()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && probes=$((probes + 1))
}

# The servers that answer lines with capitals print what they did at their end; epload speaks to
# them. Its messages come alone, since it waits for the answer: an event for each, and one for the
# end of each connection. Before it, tcp_answers has connected once or more and sent nothing.
echo_load()
{
	"$TOOLS/epload" --connect "127.0.0.1:$port" --connections 10 --count "$count" --quiet \
		>"$dir/epload" && grep -E '^(connections|messages|mismatch|err|unansw)' "$dir/epload" \
		>"$dir/load"
}

# echo_quiet EVENTS: so many for each message.
echo_quiet()
{
	connections=$((probes + $(field "$dir/load" connections)))
	quiet=(--gone $(($1 * count + connections)) --connections "$connections"
		--item "tcp=127.0.0.1:$port LISTEN")
}

# echo_compare NAME
echo_compare()
{
	equal "$1 its own messages" "$(field "$dir/out" messages)" "$count"
	equal "$1 its own connections" "$(field "$dir/out" accepts)" "$connections"
	equal "$1 its own closes" "$(field "$dir/out" closes)" "$connections"
	equal "$1 put back" "$(total put_back)" "$(total delivered)"
}

# web_load: wrk on the server at that port, for a count, by one thread. It tells in `requests` how
# many answers it had at its end: that many, and those that came in the same moment.
web_load()
{
	local pid

	rm -f "$dir/wrk.done"
	WRK_DONE=$dir/wrk.done spawn stdbuf -oL wrk -t 1 -c 8 -d 100s --timeout 100s \
		-s tests/real/wrk.lua "http://127.0.0.1:$port/" >"$dir/wrk" 2>&1
	pid=$SPAWNED
	wait_for_file "$dir/wrk.done" 100 && until_true 10 grep -q Running "$dir/wrk"
	while still_ours "$pid"; do # it ends its sleep at SIGINT, once it sleeps
		kill -INT "$pid" 2>/dev/null
		nap 0.05
	done
	wait "$pid" && grep '^errors=' "$dir/wrk" >"$dir/load"
	at_most "$1 requests that wrk counts" "$count" "$(field "$dir/wrk" requests)"
}

# web_get PATH: the answer of that server, in lines without CR.
web_get()
{
	exec 3<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3
	tr -d '\r' <&3
	exec 3>&-
}
