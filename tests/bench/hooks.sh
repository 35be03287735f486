#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each of epscope's programs costs by the kernel's own account (kernel.bpf_stats_enabled), while
# it counts (stat) and while it streams (trace), beside an empty program on the same function by the
# same mechanism, which runs in the same calls. The account's own two looks at the clock are in both.
# Works in both tiers; hooks that a load does not reach are left out. LABEL as in pingpong.sh.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/bench/contestants.sh
. "$(dirname "$0")/contestants.sh"

BLOCK=${BLOCK:-0.3}
BLOCKS=${BLOCKS:-3}
LOAD_SECONDS=${LOAD_SECONDS:-2}
RARE=100 # a program that ran less often says nothing
stats_before=$(cat /proc/sys/kernel/bpf_stats_enabled)

hooks_end()
{
	local status=$?

	echo "$stats_before" >/proc/sys/kernel/bpf_stats_enabled
	(exit $status)
	bench_end
}
trap hooks_end EXIT

# account PID...: lines NAME RUNS NS, of the programs of these processes: other people's may be there.
account()
{
	local pid

	{
		for pid; do
			cat "/proc/$pid/fdinfo/"* 2>/dev/null
		done
		bpftool prog show
	} | awk '
		/^prog_id:/ { ours[$2 ":"] = 1 }
		$1 in ours && match($0, /run_time_ns [0-9]+ run_cnt [0-9]+/) {
			split(substr($0, RSTART, RLENGTH), v, " ")
			print $4, v[4], v[2]
			next
		}
		$1 in ours { print $4, 0, 0 }'
}

# Loads: one round trip, or request, is a turn; their number into `turns`.
pingpong_load()
{
	kill -USR1 "$1"
	await "$TMP/pingpong" 120 "its end"
	turns=$(field "$TMP/pingpong" round_trips)
}

server_load()
{
	"$TOOLS/epload" --connect "127.0.0.1:$port" --connections 10 --quiet \
		--duration "$LOAD_SECONDS" >"$TMP/load"
	turns=$(field "$TMP/load" messages_echoed)
}

# cost MODE LOAD: samples from the two accounts, before and after.
cost()
{
	local what="$1 $2" name own empty turn

	awk -v rare=$RARE -v turns="$turns" '
		NR == FNR { runs[$1] = $2; ns[$1] = $3; next }
		$1 in runs && $2 - runs[$1] >= rare {
			cost[$1] = ($3 - ns[$1]) / ($2 - runs[$1])
			turn[$1] = ($3 - ns[$1]) / turns
		}
		END {
			for (name in cost)
				if ("empty_" name in cost)
					printf "%s %.1f %.1f %.0f\n", name, cost[name],
						cost["empty_" name], turn[name]
		}' "$TMP/before" "$TMP/after" | sort >"$TMP/costs"
	while read -r name own empty turn; do
		sample "$what" "$name" "ns per run" "$own"
		sample "$what: empty" "$name" "ns per run" "$empty"
		sample "$what: times empty" "$name" "" "$(awk "BEGIN { print $own / $empty }")"
		sample "$what: share" "$name" "ns per turn" "$turn"
	done <"$TMP/costs"
}

# observed MODE LOAD PID: with epscope on that process, and empty programs where its are.
observed()
{
	local empty names

	target=$3
	start_contestant "$1" || bench_fail "epscope did not attach: $(cat "$err")"
	mapfile -t names < <(account "$tracer" | cut -d " " -f 1)
	rm -f "$TMP/empty"
	spawn with_tracefs "$TOOLS/bench/empty" "$TMP/empty" "${names[@]}"
	empty=$SPAWNED
	await "$TMP/empty" 30 "the set of empty programs"
	account "$tracer" "$empty" >"$TMP/before"
	"$2_load" "$3"
	account "$tracer" "$empty" >"$TMP/after"
	end_spawned "$empty"
	end_contestant "$1"
	cost "$1" "$2"
}

# hooks MODE
hooks()
{
	local program

	rm -f "$TMP/pingpong.ready" "$TMP/pingpong"
	spawn "$TOOLS/bench/pingpong" --block "$BLOCK" --blocks "$BLOCKS" --go-signal --hold 60 \
		--ready-file "$TMP/pingpong.ready" --truth-file "$TMP/pingpong" >/dev/null
	program=$SPAWNED
	await "$TMP/pingpong.ready" 20 pingpong
	observed "$1" pingpong "$program"
	end_spawned "$program"
	server_start "$TMP/server"
	observed "$1" server "$server"
	end_spawned "$server"
}

need_commands bpftool
bench_begin "hooks${LABEL-}"
echo 1 >/proc/sys/kernel/bpf_stats_enabled
echo "ns per run are the kernel's: its own two looks at the clock are in each, an empty one's too"
rounds hooks stat trace
goals=()
for name in callback_fentry wake_fentry wake_fexit scan_fentry wait_fentry wait_fexit; do
	goals+=(--goal "stat pingpong: times empty" "$name" median at-most 3)
done
bench_table "${goals[@]}"
