#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A server written with libevent, under the load client of our own server.
. "$(dirname "$0")/../lib-real.sh"
need_program build/tests/ev_server

libevent_command()
{
	port=$(port_pick)
	cmd=(build/tests/ev_server "$port")
}

libevent_ready()
{
	tcp_answers "$port"
}

libevent_load()
{
	echo_load
}

# Its buffers write when epoll says that there is room: a second event for each message.
libevent_quiet()
{
	echo_quiet 2
}

libevent_compare()
{
	echo_compare libevent
	equal "libevent asks for room and ceases to" "$(total mods)" $((2 * count))
}

real_main libevent command
