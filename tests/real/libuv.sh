#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A server written with libuv, under the load client of our own server.
. "$(dirname "$0")/../lib-real.sh"
need_program build/tests/uv_server

libuv_command()
{
	port=$(port_pick)
	cmd=(build/tests/uv_server "$port")
}

libuv_ready()
{
	tcp_answers "$port"
}

libuv_load()
{
	echo_load
}

libuv_quiet()
{
	echo_quiet 1
}

libuv_compare()
{
	echo_compare libuv
}

real_main libuv command
