#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What came and went under observation leaves nothing: after 100,000 instances, 100,000 registrations,
# 20,000 threads and some thousand processes every map of epscope has as many entries as before, and
# those of what still lives. bpftool counts them. LIVES=N instead of the 100,000, the rest in
# proportion. A second epscope sees the end of a thread in the other way that there is.
# shellcheck source=tests/lib-workloads.sh
. "$(dirname "$0")/../lib-workloads.sh"
need_root leaks

command -v bpftool >/dev/null || { skip leaks "bpftool is missing: scripts/setup test"; exit 0; }
LIVES=${LIVES:-100000}
SETTLE=25 # seconds; in the full tier leftovers are swept every ten

workloads_start()
{
	workload instances wl_create --instances "$LIVES" --items 1
	workload registrations wl_churn --items 10 --threads 4 --own 32 --leave 0 --duration 100 \
		--rounds $((LIVES / 128 + 1))
	workload threads wl_threads --threads 8 --generations $((LIVES / 40))
	workload processes wl_life --mode children --count $((LIVES / 33))
}

# entries PID: a line "NAME COUNT" for each of its maps that may grow, and be full one day: not of an
# lru_hash, a cache of fixed size whose old entries make room.
entries()
{
	local id

	sed -n 's/^map_id:[[:space:]]*//p' "/proc/$1"/fdinfo/* 2>/dev/null | sort -un |
		while read -r id; do
			bpftool map show id "$id" |
				sed -n '/^[0-9]*: lru_/d; s/^[0-9]*: [a-z_]*hash  name \([a-z_]*\) .*/\1/p' |
				while read -r name; do
					echo "$name $(bpftool map dump id "$id" |
						grep -c '^ *"key": ')"
				done
		done | sort
}

# forks_skipped PID: how often the kernel did not run its programs that see forks and names, since one
# was under way on that CPU (on a kernel that preempts it may be another thread's).
forks_skipped()
{
	local id

	sed -n 's/^prog_id:[[:space:]]*//p' "/proc/$1"/fdinfo/* 2>/dev/null | sort -un |
		while read -r id; do
			bpftool prog show id "$id" --json
		done |
		python3 -c '
import json, sys

n = 0
for line in sys.stdin:
    prog = json.loads(line)
    if prog.get("name") in ("fork_tp", "rename_tp"):
        n += prog.get("recursion_misses", 0)
print(n)'
}

# expected FILE: what was there and what still lives then: an instance of wl_create, its item, and the
# thread that waited on it.
expected()
{
	awk '$1 ~ /^(instances|items|by_data|threads)$/ { $2++ } { print }' "$1"
}

# settle NAME: waits until that epscope's maps are as expected.
settle()
{
	local end=$((SECONDS + SETTLE))

	expected "$TMP/$1.before" >"$TMP/$1.expected"
	while [ $SECONDS -lt $end ]; do
		entries "${tracers[$1]}" >"$TMP/$1.after"
		cmp -s "$TMP/$1.expected" "$TMP/$1.after" && return
		nap 0.5
	done
}

# lost_at NAME PLACE: as that epscope says.
lost_at()
{
	csv_col "$TMP/$1.csv" lost "where=$2" | awk '{ n += $1 } END { print n + 0 }'
}

# tracer_start NAME OPTIONS...: an epscope with these that watches all.
declare -A tracers
tracer_start()
{
	local name=$1

	shift
	spawn "$EPSCOPE" stat -p "$list" -f "$@" -i 500ms -o "$TMP/$name.csv" \
		--ready-file "$TMP/$name.attached" 2>"$TMP/$name.err"
	tracers[$name]=$SPAWNED
	wait_for_file "$TMP/$name.attached" 60 || not_ok "$name: attached" "$(cat "$TMP/$name.err")"
}

# tracer_check NAME: what it holds when all is over, and what it lost.
tracer_check()
{
	local rss skipped

	settle "$1"
	equal "$1: entries of every map as before" "$(diff "$TMP/$1.expected" "$TMP/$1.after")" ""
	rss=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/${tracers[$1]}/status")
	if [ "$rss" -lt 65536 ]; then
		ok "$1: memory: $rss kB"
	else
		not_ok "$1: memory" "$rss kB"
	fi
	skipped=$(forks_skipped "${tracers[$1]}")
	kill -INT "${tracers[$1]}"
	wait "${tracers[$1]}" || not_ok "$1: epscope" "ended with $?: $(cat "$TMP/$1.err")"
	equal "$1: pairs of wakers, threads and processes lost" \
		"$(lost_at "$1" wakers) $(lost_at "$1" threads) $(lost_at "$1" targets)" "0 0 0"
	equal "$1: forks that the kernel skipped" "$(lost_at "$1" skipped-fork)" "$skipped"
}

round=$TMP/round
when=
mkdir "$round"
workloads_start
workloads_ready
list=$(for name in "${names[@]}"; do echo "${pids[$name]}"; done | paste -sd,)
tracer_start first
! "$EPSCOPE" check --mech exit=perf >/dev/null 2>&1 || tracer_start perf --mech exit=perf
sleep 2 # the first snapshot and what it finds
for name in "${!tracers[@]}"; do
	entries "${tracers[$name]}" >"$TMP/$name.before"
	equal "$name: maps that may grow" "$(wc -l <"$TMP/$name.before")" 8
done
workloads_run
equal "workloads that ran" "${#names[@]}" 4
for name in "${!tracers[@]}"; do
	tracer_check "$name"
done
