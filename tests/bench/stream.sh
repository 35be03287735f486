#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How many events per second go into CSV, JSON and a recording without loss: wl_load makes waits at
# a rate that is stepped up until some are lost at two steps in a row, then as many as it can. Each
# wait is three events: entry, delivery, return. What the workload counted is what must come out, as
# rows or as losses, at every rate. Load and epscope share all cores; files are on the disk of TMPDIR.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

STEPS=${STEPS:-150000 300000 450000 600000 750000 900000 1200000 1500000} # events per second
STEP_SECONDS=${STEP_SECONDS:-3}
THREADS=2 # of the load, each on an instance of its own
PER_WAIT=3

# load_start EVENTS_PER_SECOND: it waits for its go. 0: as fast as it goes.
load_start()
{
	rm -f "$TMP"/load.*
	spawn "$TOOLS/wl_load" --threads $THREADS --instances $THREADS --ready 1 \
		--rate $(($1 / PER_WAIT)) --duration "$STEP_SECONDS" --hold 60 \
		--ready-file "$TMP/load.ready" --go-file "$TMP/load.go" \
		--truth-file "$TMP/load.truth" >"$TMP/load.out"
	load=$SPAWNED
	await "$TMP/load.ready" 20 wl_load
}

# tracer_start FORMAT PID: into $TMP/out.
tracer_start()
{
	local how=(trace --format "$1")

	[ "$1" = recording ] && how=(record)
	rm -f "$TMP/out" "$TMP/tracer.ready"
	spawn "$EPSCOPE" "${how[@]}" -p "$2" -o "$TMP/out" --ready-file "$TMP/tracer.ready"
	tracer=$SPAWNED
	await "$TMP/tracer.ready" 20 epscope
}

# lines_of TYPE FORMAT FILE: the rows of that type.
lines_of()
{
	local pattern="^[0-9]*,$1,"

	[ "$2" = json ] && pattern="\"type\":\"$1\""
	LC_ALL=C grep -- "$pattern" "$3"
}

# rows_count FORMAT: `rows` of events in $TMP/out, and `lost`, which rows of their own tell.
rows_count()
{
	local file=$TMP/out format=$1

	if [ "$format" = recording ]; then
		"$EPSCOPE" trace -r "$TMP/out" -o "$TMP/out.csv" --columns ts_ns,type,lost || return
		file=$TMP/out.csv format=csv
	fi
	lines_of lost "$format" "$file" >"$TMP/lost"
	rows=$(($(wc -l <"$file") - $(wc -l <"$TMP/lost") - $(lines_of meta "$format" "$file" | wc -l)))
	if [ "$format" = json ]; then
		lost=$(sed 's/.*"lost":\([0-9]*\).*/\1/' "$TMP/lost" | awk '{ s += $1 } END { print s + 0 }')
		return
	fi
	rows=$((rows - 1)) # the header
	lost=$({ head -n 1 "$file"; cat "$TMP/lost"; } | csv_col - lost |
		awk '{ s += $1 } END { print s + 0 }')
}

# What the load asked of the kernel, each of its threads' end being one more event.
events_true()
{
	local truth=$TMP/load.truth

	echo $((2 * $(field "$truth" waits) + $(field "$truth" delivered) + THREADS))
}

# queued_ns PID: time in which it was ready to run and had no CPU.
queued_ns()
{
	awk '{ print $2 }' "/proc/$1/schedstat"
}

# step FORMAT EVENTS_PER_SECOND: sets rows, lost, events, rate (as it came out), and what epscope had
# of a core and what it waited for one, in %.
step()
{
	local before queued load_ns

	load_start "$2"
	tracer_start "$1" "$load"
	before=$(cpu_ns "$tracer") queued=$(queued_ns "$tracer")
	: >"$TMP/load.go"
	await "$TMP/load.truth" $((STEP_SECONDS + 20)) "the truth of wl_load"
	load_ns=$(field "$TMP/load.truth" load_ns)
	cpu=$(percent $(($(cpu_ns "$tracer") - before)) "$load_ns")
	wanted=$(percent $(($(queued_ns "$tracer") - queued)) "$load_ns")
	end_spawned "$tracer"
	end_spawned "$load"
	events=$(events_true)
	rate=$((events * 1000000000 / load_ns))
	rows_count "$1"
	rm -f "$TMP/out" "$TMP/out.csv"
}

# step_samples FORMAT NAME
step_samples()
{
	sample "$2: lost" "$1" % "$(percent "$lost" "$events")"
	sample "$2: epscope ran" "$1" "% of the time" "$cpu"
	sample "$2: epscope waited for a core" "$1" "% of the time" "$wanted"
	sample "rows and losses less events" "$1" "" $((rows + lost - events))
}

# One contestant's way up.
climb()
{
	local asked best=0 failed=0

	for asked in $STEPS; do
		step "$1" "$asked"
		step_samples "$1" "$asked per second"
		if [ "$lost" = 0 ]; then
			best=$rate failed=0
		else
			failed=$((failed + 1))
		fi
		[ $failed -lt 2 ] || break
	done
	sample "most without loss" "$1" "events per second" "$best"
	step "$1" 0
	step_samples "$1" "full speed"
	sample "full speed: events" "$1" "per second" "$rate"
}

bench_begin stream
rounds climb csv json recording
bench_table \
	--goal "most without loss" recording median at-least 500000 \
	--goal "most without loss" csv median at-least 300000 \
	--goal "rows and losses less events" csv median at-most 0 \
	--goal "rows and losses less events" json median at-most 0 \
	--goal "rows and losses less events" recording median at-most 0
