#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Saying what a descriptor is holds no file: what a program closes meanwhile is closed.
. "$(dirname "$0")/../lib.sh"
need_root closed

DURATION=${DURATION:-8} # seconds of each

# closed_under NAME OPTIONS...: while epscope describes the files as often as it can.
closed_under()
{
	local name=$1 dir=$TMP/$1 tracer

	shift
	mkdir "$dir"
	spawn build/tests/wl_closed --seconds "$DURATION" --ready-file "$dir/ready" \
		--go-file "$dir/go" --truth-file "$dir/truth" --hold 60 >/dev/null 2>"$dir/err"
	wait_for_file "$dir/ready" 30 || not_ok "$name" "not ready: $(cat "$dir/err")"
	spawn "$EPSCOPE" "$@" -p "$SPAWNED" -o "$dir/csv" --ready-file "$dir/attached" \
		2>"$dir/epscope"
	tracer=$SPAWNED
	wait_for_file "$dir/attached" 120 || not_ok "$name" "no epscope: $(cat "$dir/epscope")"
	: >"$dir/go"
	wait_for_file "$dir/truth" $((DURATION + 30)) || not_ok "$name" "no truth: $(cat "$dir/err")"
	kill -INT "$tracer"
	wait "$tracer" || not_ok "$name" "epscope ended with $?: $(cat "$dir/epscope")"
	equal "$name: events of $(field "$dir/truth" closed) closed descriptors" \
		"$(field "$dir/truth" ghosts)" 0
}

# described FILE TYPE DETAIL: a regular expression
described()
{
	csv_col "$1" item_detail "item_type=$2" | grep -qxE "$3" || not_ok "described" "no $2 as '$3'"
}

closed_under items stat --items -i 20ms
described "$TMP/items/csv" eventfd 'id [0-9]+, count 0 when first seen'
described "$TMP/items/csv" timerfd CLOCK_MONOTONIC
described "$TMP/items/csv" pipe 'pipe:\[[0-9]+\], read end'
closed_under record record -i 20ms
closed_under trace trace -i 20ms
[ $failures -gt 0 ] || ok "they were described meanwhile"
