#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What epscope needs itself: time to attach, to read a tree, the dashboard's CPU and memory, and the
# rows per second that a trace writes.
. "$(dirname "$0")/lib.sh"

ITEMS=19000 # as many as the descriptors of one process allow
LOAD_SECONDS=${LOAD_SECONDS:-10}
SERVER_LIMIT=${SERVER_LIMIT:-900}
many= # the process that has them

# From the start of epscope to its first sample, everything attached.
attach()
{
	local began tracer

	rm -f "$TMP/attached"
	began=$(now_ns)
	spawn "$EPSCOPE" stat -p "$server" -d 1s -o /dev/null --ready-file "$TMP/attached"
	tracer=$SPAWNED
	await "$TMP/attached" 20 epscope
	sample "attach to a running server" epscope ms $((($(now_ns) - began) / 1000000))
	end_spawned "$tracer"
}

# first_snapshot PID: ns, as epscope -v says. It also seeds the maps.
first_snapshot()
{
	"$EPSCOPE" tree -p "$1" -v -o /dev/null 2>&1 |
		sed -n 's/.*snapshot took \([0-9]*\) ns.*/\1/p' | head -n 1
}

snapshots()
{
	sample "first snapshot of 1 item" epscope us $(($(first_snapshot "$server") / 1000))
	sample "first snapshot of $ITEMS items" epscope ms $(($(first_snapshot "$many") / 1000000))
}

# resident NAME: of the dashboard, in MiB.
resident()
{
	awk -v name="$1:" '$1 == name { print $2 / 1024 }' "/proc/$dashboard/status"
}

# The dashboard at 10 frames per second: 50 connections, 5,000 messages per second.
dashboard_cost()
{
	local client before began

	spawn "$TOOLS/epload" --connect "127.0.0.1:$port" --connections 50 --rate 5000 \
		--duration $((LOAD_SECONDS + 10)) --quiet >"$TMP/load"
	client=$SPAWNED
	dashboard_start "$TMP/top" -p "$server" -i 100ms -d 120s
	sleep 2 # its first frames, with all there is to read once
	before=$(cpu_ns "$dashboard")
	began=$(now_ns)
	sleep "$LOAD_SECONDS"
	sample "dashboard CPU" epscope "% of a core" \
		"$(percent $(($(cpu_ns "$dashboard") - before)) $(($(now_ns) - began)))"
	sample "dashboard resident" epscope MiB "$(resident VmRSS)"
	# While it attached: libbpf reads the kernel's types, and so does epscope itself.
	sample "dashboard resident: highest" epscope MiB "$(resident VmHWM)"
	dashboard_end
	end_spawned "$client"
}

# A row per event, the server as fast as one client drives it.
trace_rows()
{
	local tracer

	rm -f "$TMP/tr"
	spawn "$EPSCOPE" trace -p "$server" -o "$TMP/trace.csv" -d 120s --ready-file "$TMP/tr"
	tracer=$SPAWNED
	await "$TMP/tr" 20 epscope
	timeout 60 "$TOOLS/epload" --connect "127.0.0.1:$port" --connections 50 --count 300000 \
		--quiet >"$TMP/load"
	end_spawned "$tracer"
	sample "trace into CSV" epscope rows/s "$(rows_per_second "$TMP/trace.csv")"
	sample "lost in that trace" epscope events "$(lost_events "$TMP/trace.csv")"
	rm -f "$TMP/trace.csv"
}

# rows_per_second CSV: from the first event that was delivered to the last.
rows_per_second()
{
	awk -F, '$2 != "meta" && $2 != "lost" { rows++ }
		$2 == "deliver" { last = $1; if (!first) first = $1 }
		END { if (last > first) printf "%.0f\n", rows * 1e9 / (last - first) }' "$1"
}

round()
{
	attach
	snapshots
	dashboard_cost
	trace_rows
}

need_commands tmux
bench_begin itself
server_start "$TMP/server"
spawn "$TOOLS/wl_items" --items "$ITEMS" --ready-file "$TMP/items" \
	--hold "$SERVER_LIMIT" >"$TMP/items.out" 2>&1
await "$TMP/items" 20 wl_items
many=$(ready_field "$TMP/items" pid)
rounds round epscope
bench_table \
	--goal "attach to a running server" epscope median at-most 300 \
	--goal "first snapshot of $ITEMS items" epscope median at-most 100 \
	--goal "dashboard CPU" epscope median at-most 2 \
	--goal "dashboard resident" epscope median at-most 20
