#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What came and went under observation leaves nothing: after 100,000 instances, 100,000 registrations,
# 20,000 threads and some thousand processes every map of epscope has as many entries as before, and
# those of what still lives. bpftool counts them. LIVES=N instead of the 100,000, the rest in proportion. The same once more, with
# fewer, where the end of a thread can be seen in another way.
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

# What still lives then: an instance of wl_create, its item, and the thread that waited on it.
expected()
{
	awk '$1 ~ /^(instances|items|by_data|threads)$/ { $2++ } { print }' "$TMP/before"
}

settle()
{
	local end=$((SECONDS + SETTLE))

	expected >"$TMP/expected"
	while [ $SECONDS -lt $end ]; do
		entries "$tracer" >"$TMP/after"
		cmp -s "$TMP/expected" "$TMP/after" && return
		nap 0.5
	done
}

# leaks_test NAME LIVES OPTIONS...: under an epscope with these options.
leaks_test()
{
	local title=$1 LIVES=$2 round=$TMP/$1 when='' list name tracer rss skipped

	shift 2
	names=()
	mkdir "$round"
	workloads_start
	workloads_ready
	list=$(for name in "${names[@]}"; do echo "${pids[$name]}"; done | paste -sd,)
	spawn "$EPSCOPE" stat -p "$list" -f "$@" -i 500ms -o "$round/csv" --ready-file "$round/attached" \
		2>"$round/err"
	tracer=$SPAWNED
	wait_for_file "$round/attached" 60 || not_ok "$title: attached" "$(cat "$round/err")"
	sleep 2 # the first snapshot and what it finds
	entries "$tracer" >"$TMP/before"
	equal "$title: maps that may grow" "$(wc -l <"$TMP/before")" 8
	workloads_run
	equal "$title: workloads that ran" "${#names[@]}" 4
	settle
	equal "$title: entries of every map as before" "$(diff "$TMP/expected" "$TMP/after")" ""
	rss=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$tracer/status")
	if [ "$rss" -lt 65536 ]; then
		ok "$title: memory: $rss kB"
	else
		not_ok "$title: memory" "$rss kB"
	fi
	skipped=$(forks_skipped "$tracer")
	kill -INT "$tracer"
	wait "$tracer" || not_ok "$title: epscope" "ended with $?: $(cat "$round/err")"
	equal "$title: no pair of wakers lost" "$(csv_col "$round/csv" lost where=wakers)" ""
	equal "$title: no thread lost" "$(csv_col "$round/csv" lost where=threads)" ""
	equal "$title: no process lost" "$(csv_col "$round/csv" lost where=targets)" ""
	equal "$title: forks that the kernel skipped" \
		"$(csv_col "$round/csv" lost where=skipped-fork | awk '{ n += $1 } END { print n + 0 }')" "$skipped"
	for name in "${names[@]}"; do
		end_spawned "${pids[$name]}"
	done
}

leaks_test first "$LIVES"
! "$EPSCOPE" check --mech exit=perf >/dev/null 2>&1 || leaks_test perf $((LIVES / 20)) --mech exit=perf
