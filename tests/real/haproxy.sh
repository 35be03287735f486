#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# haproxy, four threads with an instance each, between our own load client and our own server.
. "$(dirname "$0")/../lib-real.sh"
need_program haproxy build/tests/epserver build/tests/epload

haproxy_command()
{
	port=$(port_pick)
	stats_port=$(port_pick)
	spawn build/tests/epserver --listen "unix:$dir/behind" --duration 600 \
		--ready-file "$dir/behind.ready" >/dev/null
	wait_for_file "$dir/behind.ready" 20 || not_ok "haproxy" "no server behind it"
	cat >"$dir/conf" <<-END
		global
			nbthread 4
		defaults
			mode tcp
			timeout connect 100s
			timeout client 100s
			timeout server 100s
		listen through
			bind 127.0.0.1:$port
			server behind $dir/behind
		listen said
			mode http
			bind 127.0.0.1:$stats_port
			stats enable
			stats uri /
	END
	cmd=(haproxy -db -f "$dir/conf")
}

haproxy_ready()
{
	tcp_answers "$port"
}

haproxy_load()
{
	echo_load
}

# The sessions that it counts are the connections of the client, the one for this not among them.
haproxy_quiet()
{
	port=$stats_port web_get '/;csv' >"$dir/said"
	connections=$(field "$dir/load" connections)
	equal "haproxy sessions" "$(awk -F, '$1 == "through" && $2 == "FRONTEND" { print $8 }' \
		"$dir/said")" $((probes + connections))
	# shellcheck disable=SC2034 # of lib-real.sh
	quiet=(--item "tcp=127.0.0.1:$port LISTEN x4" --item "tcp=127.0.0.1:$stats_port LISTEN x4")
}

real_main haproxy command
