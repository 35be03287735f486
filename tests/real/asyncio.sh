#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A server of Python's asyncio, under the load client of our own server.
. "$(dirname "$0")/../lib-real.sh"
need_program /usr/bin/python3

asyncio_command()
{
	port=$(port_pick)
	cmd=(tests/real/aio_server.py "$port")
}

asyncio_ready()
{
	tcp_answers "$port"
}

asyncio_load()
{
	echo_load
}

asyncio_quiet()
{
	echo_quiet 1
}

asyncio_compare()
{
	echo_compare asyncio
}

real_main asyncio command
