#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How fast a recording of EVENTS events (10 million) is read: into a summary, and into a row per
# event, to nowhere and to a file on the disk of TMPDIR. The recording is made by
# build/tests/bench_recording and is in the page cache. Needs no root.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

EVENTS=${EVENTS:-10000000}
LIMIT=120 # seconds that one replay may take
recording=$TMP/recording.eps

# per_second SECONDS: events, nothing if the replay failed.
per_second()
{
	[ "$status" != 0 ] || awk "BEGIN { printf \"%.0f\\n\", $EVENTS / ($1) }"
}

# replay CONTESTANT ARGS...: one replay, into $TMP/out or nowhere.
replay()
{
	local name=$1 status TIMEFORMAT='%R %U %S' real user sys

	shift
	{ time run_limited $LIMIT "$EPSCOPE" "$@" -r "$recording" 2>"$TMP/err"; } 2>"$TMP/time"
	status=$?
	[ $status = 0 ] || cannot "$name" "status $status: $(head -n 1 "$TMP/err")"
	read -r real user sys <"$TMP/time"
	sample "events" "$name" "per second" "$(per_second "$real")"
	# What other programs do at the time is not in this one
	sample "events by CPU time" "$name" "per second" "$(per_second "$user+$sys")"
}

contestant()
{
	case $1 in
	summary) replay "$1" stat -o /dev/null ;;
	"csv to nowhere") replay "$1" trace --format csv -o /dev/null ;;
	"csv to a file") replay "$1" trace --format csv -o "$TMP/out" ;;
	"json to nowhere") replay "$1" trace --format json -o /dev/null ;;
	esac
	rm -f "$TMP/out"
}

# What is fast must also be whole: every event is a row, beside the header and one row of meta.
check_rows()
{
	local rows

	rows=$("$EPSCOPE" trace --format csv -r "$recording" -o - --columns type | wc -l)
	[ "$rows" = $((EVENTS + 2)) ] || bench_fail "$EVENTS events became $((rows - 2)) rows"
}

bench_begin replay no
EVENTS=$("$TOOLS/bench_recording" "$recording" "$EVENTS" | sed 's/events=//')
[ -n "$EVENTS" ] || bench_fail "no recording"
echo "$EVENTS events, $(($(stat -c %s "$recording") / 1000000)) MB"
check_rows
rounds contestant summary "csv to nowhere" "csv to a file" "json to nowhere"
bench_table \
	--goal events summary median at-least 5000000 \
	--goal events "csv to nowhere" median at-least 1500000 \
	--goal events "csv to a file" median at-least 1500000
