#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An HTTP server of Node.js under wrk; and once more with its descriptors registered through io_uring
# (libuv from 1.45 on, where it is asked to and can), which the library in it does not see.
. "$(dirname "$0")/../lib-real.sh"
need_program node wrk

node_command()
{
	port=$(port_pick)
	cmd=(node tests/real/node_server.js "$port")
}

node_ready()
{
	tcp_answers "$port"
}

node_load()
{
	web_load node
}

# wrk connects once more before all others, to see whether it can.
node_quiet()
{
	connections=$((probes + 1 + 8))
	quiet=(--connections "$connections" --item "tcp=127.0.0.1:$port LISTEN")
}

# wrk ends with up to a request on each of its 8 connections that it does not wait for.
node_compare()
{
	local reported requests

	reported=$(field "$dir/wrk" requests)
	requests=$(field "$dir/out" requests)
	equal "node its own connections" "$(field "$dir/out" accepts)" "$connections"
	at_most "node has got what wrk reports" "$reported" "$requests"
	at_most "node has got no more than wrk sent" "$requests" $((reported + 8))
}

uring_command()
{
	node_command
	cmd=(env UV_USE_IO_URING=1 "${cmd[@]}")
}

uring_ready()
{
	node_ready
}

uring_load()
{
	web_load uring
}

uring_quiet()
{
	node_quiet
	skip_keys=adds,mods,dels,put_back,ctl_errors
}

real_main node command
real_main uring command
