#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A recording holds what was seen: read later without root, in every view, whole and cut off.
. "$(dirname "$0")/../lib.sh"
need_root record

NOBODY=(setpriv --reuid=65534 --regid=65534 --clear-groups)
PLAIN=$TMP/open/epscope # where everybody may start it, wherever the repository is
chmod 755 "$TMP"
mkdir -m 777 "$TMP/open"
cp "$EPSCOPE" "$PLAIN"
rec=$TMP/open/run.eps

# replay NAME VIEW FORMAT: without root; the rows are in $TMP/VIEW.FORMAT.
replay()
{
	"${NOBODY[@]}" "$PLAIN" "$1" -r "$rec" --format "$2" >"$TMP/$1.$2" 2>"$TMP/err"
	equal "replay: $1 $2" "$? $(cat "$TMP/err")" "0 "
	[ -s "$TMP/$1.$2" ] || not_ok "replay: $1 $2" "no rows"
}

# same NAME FILE WANTED
same()
{
	if cmp -s "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "$(diff "$2" "$3" | head -5)"
	fi
}

# rows TYPE: of the trace.
rows()
{
	csv_col "$TMP/trace.csv" type "type=$1" | wc -l
}

record_load()
{
	"$EPSCOPE" record -i 50ms -o "$rec" -- build/tests/wl_counts --setup-after-go --rounds 200 \
		--mods 1 --errors --hold 0.3 >"$TMP/truth" 2>"$TMP/err"
	equal "record" "$? $(cat "$TMP/err")" "0 "
	chmod 644 "$rec"
}

case_views()
{
	local view format

	for view in trace stat tree; do
		for format in csv json text; do
			replay $view $format
		done
	done
	"${NOBODY[@]}" "$PLAIN" trace -r - --format csv <"$rec" >"$TMP/piped"
	same "replay from a pipe" "$TMP/piped" "$TMP/trace.csv"
	equal "json: as many rows as csv" "$(wc -l <"$TMP/trace.json")" \
		$(($(wc -l <"$TMP/trace.csv") - 1))
}

# The program's own numbers against rows of single events and against counts.
case_truth()
{
	local ctl key

	equal "trace: wait rows" "$(rows wait)" "$(field "$TMP/truth" waits)"
	equal "trace: return rows" "$(rows return)" "$(field "$TMP/truth" waits)"
	equal "trace: deliver rows" "$(rows deliver)" "$(field "$TMP/truth" delivered)"
	equal "trace: create rows" "$(rows create)" "$(field "$TMP/truth" creates)"
	ctl=0
	for key in adds mods dels ctl_errors; do
		ctl=$((ctl + $(field "$TMP/truth" $key)))
	done
	equal "trace: ctl rows" "$(rows ctl)" $ctl
	if "$EPSCOPE" check | grep -q '^full tier'; then
		equal "trace: callback rows" "$(rows callback)" "$(field "$TMP/truth" callbacks)"
	fi
	equal "trace: nothing lost" "$(rows lost)" 0
	for key in waits delivered adds mods dels ctl_errors; do
		equal "stat: $key" "$(csv_col "$TMP/stat.csv" $key row=summary |
			awk '{ s += $1 } END { print s + 0 }')" "$(field "$TMP/truth" $key)"
	done
}

# What is left of a recording shows what it holds; the rows are the first ones of the whole.
case_cut()
{
	local size percent status

	size=$(stat -c %s "$rec")
	for percent in 5 20 50 80 99 last; do
		if [ $percent = last ]; then
			head -c -1 "$rec" >"$TMP/open/cut.eps"
		else
			head -c $((size * percent / 100)) "$rec" >"$TMP/open/cut.eps"
		fi
		"${NOBODY[@]}" "$PLAIN" trace -r "$TMP/open/cut.eps" --format csv >"$TMP/cut.csv" \
			2>"$TMP/err"
		status=$?
		equal "cut at $percent%: status, lines of error" "$status $(wc -l <"$TMP/err")" "7 1"
		# The end may be that of a record
		grep -q -e 'cut off' -e 'without its end mark' "$TMP/err" || not_ok "cut at $percent%" "unclear: $(cat "$TMP/err")"
		head -n "$(wc -l <"$TMP/cut.csv")" "$TMP/trace.csv" >"$TMP/first"
		same "cut at $percent%: rows so far" "$TMP/cut.csv" "$TMP/first"
	done
	[ "$(wc -l <"$TMP/cut.csv")" -gt $(($(wc -l <"$TMP/trace.csv") / 2)) ] ||
		not_ok "cut at the end: rows so far" "only $(wc -l <"$TMP/cut.csv")"
}

# damaged NAME FILE: not replayed, one line of error.
damaged()
{
	"${NOBODY[@]}" "$PLAIN" stat -r "$2" --format csv >"$TMP/out" 2>"$TMP/err"
	equal "$1" "$? $(wc -l <"$TMP/err")" "7 1"
}

case_foreign()
{
	local at=$TMP/open/odd

	cp build/tests/wl_counts "$at"
	damaged "foreign file" "$at"
	: >"$at"
	damaged "empty file" "$at"
	head -c 40 "$rec" >"$at"
	damaged "part of the header" "$at"
	{ head -c 144 "$rec" && head -c 4096 /dev/urandom; } >"$at"
	damaged "noise behind the header" "$at"
}

# recorded BYTES: until the recording has so many.
recorded()
{
	local i

	for ((i = 0; i < 400; i++)); do
		[ "$(stat -c %s "$rec")" -ge "$1" ] && return
		nap 0.05
	done
	not_ok "record" "only $(stat -c %s "$rec") bytes after 20 s"
}

# Ended by a signal, a recording is whole; ended by SIGKILL it holds all samples until then.
case_signals()
{
	local signal want target

	spawn build/tests/wl_sleep --rounds 100000 --timeout-ms 2 >/dev/null
	target=$SPAWNED
	for signal in INT TERM HUP KILL; do
		rm -f "$TMP/ready" "$rec"
		spawn "$EPSCOPE" record -p "$target" -i 20ms -o "$rec" --ready-file "$TMP/ready"
		wait_for_file "$TMP/ready" 60 || not_ok "record until SIG$signal" "did not start"
		recorded 40000 # a sample takes less than 5,000
		kill "-$signal" "$SPAWNED"
		wait "$SPAWNED" 2>/dev/null
		want=0
		[ $signal = KILL ] && want=7
		"$EPSCOPE" stat -r "$rec" --format csv >"$TMP/sig.csv" 2>/dev/null
		equal "record until SIG$signal: replay" "$?" $want
		[ "$(csv_col "$TMP/sig.csv" row row=interval | wc -l)" -ge 5 ] ||
			not_ok "record until SIG$signal" "too few samples"
	done
}

# wakeups FILE: what the recording holds of pairs (REC_WAKER is 9: struct waker_key, then its count), by the
# last record of each.
wakeups()
{
	python3 - "$1" <<'END'
import struct, sys

data, at, last = open(sys.argv[1], "rb").read(), 144, {}
while at < len(data):
    kind, size = struct.unpack_from("II", data, at)
    if kind == 9:
        last[data[at + 8:at + 32]] = struct.unpack_from("Q", data, at + 32)[0]
    at += 8 + size
print(sum(last.values()))
END
}

# An instance that comes and ends between two samples takes nothing with it.
case_wakers()
{
	"$EPSCOPE" record -i 2s -o "$rec" -- build/tests/wl_herd --threads 3 --events 20 \
		--setup-after-go --hold 0.5 >"$TMP/truth" 2>"$TMP/err"
	equal "record of wakers" "$? $(cat "$TMP/err")" "0 "
	equal "wakeups of an instance that has ended" "$(wakeups "$rec")" "$(field "$TMP/truth" woken)"
}

record_load
case_views
case_truth
case_cut
case_foreign
case_signals
case_wakers
