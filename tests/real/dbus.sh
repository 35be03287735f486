#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dbus-daemon, a bus of its own, under calls of a client written with libdbus.
. "$(dirname "$0")/../lib-real.sh"
need_program dbus-daemon build/tests/dbus_calls

dbus_command()
{
	cat >"$dir/conf" <<-END
		<busconfig>
			<type>session</type>
			<listen>unix:path=$dir/bus</listen>
			<policy context="default">
				<allow send_destination="*" eavesdrop="true"/>
				<allow eavesdrop="true"/>
				<allow own="*"/>
			</policy>
		</busconfig>
	END
	cmd=(dbus-daemon --nofork --nopidfile "--config-file=$dir/conf")
}

dbus_ready()
{
	[ -S "$dir/bus" ]
}

dbus_load()
{
	build/tests/dbus_calls "unix:path=$dir/bus" 10 $((count / 10)) >"$dir/load"
}

dbus_quiet()
{
	quiet=(--connections 10 --item "unix=$dir/bus LISTEN")
}

dbus_compare()
{
	equal "dbus answers" "$(field "$dir/load" replies)" $((count / 10 * 10))
}

real_main dbus command
