/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dbus_calls ADDRESS CONNECTIONS CALLS: so many connections to that bus, one after the other, each
 * with so many calls of GetId, one at a time. Prints what it did as KEY=VALUE.
 */
#include <dbus/dbus.h>
#include <stdio.h>
#include <stdlib.h>

#include "util.h"

static DBusError error = DBUS_ERROR_INIT;

static DBusConnection *connection_open(const char *address)
{
	DBusConnection *bus = dbus_connection_open_private(address, &error);

	if (!bus || !dbus_bus_register(bus, &error))
		die("%s: %s", address, error.message);
	dbus_connection_set_exit_on_disconnect(bus, FALSE);
	return bus;
}

static void call(DBusConnection *bus)
{
	DBusMessage *ask, *reply;

	ask = dbus_message_new_method_call("org.freedesktop.DBus", "/org/freedesktop/DBus",
					   "org.freedesktop.DBus", "GetId");
	if (!ask)
		die("out of memory");
	reply = dbus_connection_send_with_reply_and_block(bus, ask, -1, &error);
	if (!reply)
		die("GetId: %s", error.message);
	dbus_message_unref(reply);
	dbus_message_unref(ask);
}

int main(int argc, char **argv)
{
	unsigned long connections = 0, replies = 0;
	DBusConnection *bus;

	if (argc != 4)
		die_usage("give an address, connections and calls");
	for (int i = 0; i < atoi(argv[2]); i++) {
		bus = connection_open(argv[1]);
		connections++;
		for (int n = 0; n < atoi(argv[3]); n++, replies++)
			call(bus);
		dbus_connection_close(bus);
		dbus_connection_unref(bus);
	}
	printf("connections=%lu\nreplies=%lu\n", connections, replies);
	return 0;
}
