#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What epscope costs as its target grows: the time to attach and of snapshots, and the dashboard's CPU
# and memory, with many items, instances, threads, and descriptors that are none of epoll's. The
# dashboard draws 10 frames per second at 80x24; small load is 1,000 waits per second in all.
RUNS=${RUNS:-3} # each takes minutes
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

SECONDS_EACH=${SECONDS_EACH:-3} # of each look at the dashboard's CPU
LOAD_RATE=1000
REFERENCE="100 instances of 100 items"
CASES=("10 items" "100 items" "1000 items" "10000 items" "16000 items"
	"1 instance" "10 instances" "100 instances" "1000 instances" "10000 instances"
	"1 thread" "4 threads" "16 threads" "64 threads"
	"15000 other descriptors" "$REFERENCE")
[ $# = 0 ] || CASES=("$@")

# case_size CASE: what the workload has, and the options that epscope needs for so much.
case_size()
{
	local n=${1%% *}

	processes=1 instances=1 items=10 threads=1 others=0 options=()
	case $1 in
	"$REFERENCE") instances=100 items=100 ;;
	*" items") items=$n ;;
	"10000 instances") # a process may have 20,000 descriptors here
		processes=10 instances=1000
		options=(--max-instances 16384 --max-items 131072)
		;;
	*" instance"*) instances=$n ;;
	*" thread"*) threads=$n ;;
	*) others=$n ;;
	esac
}

# Everything that the case has; it makes no call before its go. `pids` are its processes.
target_start()
{
	local i

	rm -f "$TMP"/target.*
	targets=()
	for ((i = 0; i < processes; i++)); do
		spawn "$TOOLS/wl_load" --instances "$instances" --items "$items" --ready 1 \
			--threads "$threads" --others "$others" --rate $((LOAD_RATE / processes)) \
			--duration $((4 * SECONDS_EACH + 20)) --hold 60 \
			--ready-file "$TMP/target.$i" --go-file "$TMP/target.go" >"$TMP/target.out"
		targets+=("$SPAWNED")
	done
	for ((i = 0; i < processes; i++)); do
		await "$TMP/target.$i" 60 wl_load
	done
	pids=$(IFS=, && echo "${targets[*]}")
}

target_end()
{
	local pid

	for pid in "${targets[@]}"; do
		end_spawned "$pid"
	done
}

# milliseconds NS
milliseconds()
{
	awk -v ns="$1" 'BEGIN { printf "%.3f\n", ns / 1000000 }'
}

# From the start of epscope to its first sample, everything attached; and what snapshots took: the
# first also enters what is there into the maps.
measure_snapshots()
{
	local name=$1 begin

	rm -f "$TMP/stat.ready"
	begin=$(now_ns)
	spawn "$EPSCOPE" stat -p "$pids" -i 100ms -d 2s -v -o /dev/null \
		--ready-file "$TMP/stat.ready" "${options[@]}" 2>"$TMP/stat.log"
	until [ -s "$TMP/stat.ready" ] || is_gone "$SPAWNED"; do
		nap 0.002
	done
	sample "attach" "$name" ms "$(milliseconds $(($(now_ns) - begin)))"
	wait "$SPAWNED" || bench_fail "$name: $(tail -n 1 "$TMP/stat.log")"
	sed -n 's/.*snapshot took \([0-9]*\) ns.*/\1/p' "$TMP/stat.log" >"$TMP/snapshots"
	sample "first snapshot" "$name" ms "$(milliseconds "$(head -n 1 "$TMP/snapshots")")"
	sample "later snapshots: median" "$name" ms "$(milliseconds "$(tail -n +2 "$TMP/snapshots" |
		sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')")"
}

# look FIGURE NAME: the dashboard's CPU for SECONDS_EACH, once what came before has settled.
look()
{
	local before begin

	sleep 1
	before=$(cpu_ns "$dashboard") begin=$(now_ns)
	sleep "$SECONDS_EACH"
	sample "$1" "$2" "% of a core" \
		"$(percent $(($(cpu_ns "$dashboard") - before)) $(($(now_ns) - begin)))"
}

# status_mb KEY: of the dashboard's /proc/PID/status.
status_mb()
{
	awk -v key="$1:" '$1 == key { printf "%.2f\n", $2 / 1024 }' "/proc/$dashboard/status"
}

# Kernel memory of its maps. What of it is mmap()ed is in its resident memory, too, as file.
maps_mb()
{
	cat "/proc/$dashboard/fdinfo/"* 2>/dev/null |
		awk '/^map_type/ { map = 1 } /^memlock/ { if (map) s += $2; map = 0 }
			END { printf "%.2f\n", s / 1048576 }'
}

measure_memory()
{
	sample "resident" "$1" MB "$(status_mb VmRSS)"
	sample "resident: highest" "$1" MB "$(status_mb VmHWM)"
	sample "resident: anonymous" "$1" MB "$(status_mb RssAnon)"
	sample "resident: file" "$1" MB "$(status_mb RssFile)"
	sample "resident: shmem" "$1" MB "$(status_mb RssShmem)"
	sample "maps in the kernel" "$1" MB "$(maps_mb)"
}

# shows_figures: whether the dashboard has a row of an instance.
shows_figures()
{
	tmux -L "epscope-bench-$$" capture-pane -p | grep -q '^ *1 wl_load'
}

measure_dashboard()
{
	local begin

	begin=$(now_ns)
	dashboard_start "$TMP/dashboard.ready" -p "$pids" -i 100ms "${options[@]}"
	until_true 90 shows_figures || bench_fail "$1: the dashboard shows nothing"
	sample "dashboard: first figures" "$1" ms "$(milliseconds $(($(now_ns) - begin)))"
	look "dashboard: idle target" "$1"
	: >"$TMP/target.go"
	look "dashboard: small load" "$1"
	measure_memory "$1"
	tmux -L "epscope-bench-$$" send-keys Enter
	look "dashboard: small load; an instance open" "$1"
	sample "resident: an instance open" "$1" MB "$(status_mb VmRSS)"
	dashboard_end
}

measure()
{
	case_size "$1"
	target_start
	measure_snapshots "$1"
	measure_dashboard "$1"
	target_end
}

need_commands tmux
bench_begin scale
rounds measure "${CASES[@]}"
bench_table \
	--goal "dashboard: small load" "$REFERENCE" median at-most 2 \
	--goal "resident: highest" "$REFERENCE" median at-most 20 \
	--goal attach "$REFERENCE" median at-most 300
