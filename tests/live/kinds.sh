#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every kind of file that can be an item is named as whoever made it knows it.
. "$(dirname "$0")/../lib.sh"
need_root kinds

mkdir "$TMP/d"
spawn build/tests/wl_kinds --dir "$TMP/d" --truth-file "$TMP/truth" --hold 120 >/dev/null 2>"$TMP/err"
if ! wait_for_file "$TMP/truth" 30; then
	not_ok "kinds" "no truth: $(cat "$TMP/err")"
	exit 1
fi
"$EPSCOPE" tree -p "$SPAWNED" --format csv -o "$TMP/csv" ||
	{ not_ok "kinds" "epscope tree ended with $?"; exit 1; }
# fdinfo_says FD TYPE: what the kernel itself prints of that file, in our words; nothing where it prints
# nothing.
fdinfo_says()
{
	awk -v type="$2" '
	function bits(hex,    i, digit, out) {
		for (i = length(hex); i > 0; i--) {
			digit = index("0123456789abcdef", substr(hex, i, 1)) - 1
			for (bit = 0; bit < 4; bit++)
				if (int(digit / 2 ^ bit) % 2)
					out = out (out == "" ? "" : ",") (length(hex) - i) * 4 + bit + 1
		}
		return out
	}
	BEGIN {
		clock[0] = "CLOCK_REALTIME"
		clock[1] = "CLOCK_MONOTONIC"
	}
	{ value[$1] = $2 }
	END {
		if (type == "eventfd")
			print "id " value["eventfd-id:"] ", count " value["eventfd-count:"] " when first seen"
		else if (type == "timerfd")
			print clock[value["clockid:"]]
		else if (type == "signalfd")
			print "signals " bits(value["sigmask:"])
		else if (type == "pidfd")
			print "pid " value["Pid:"]
		else if (type == "bpf-map")
			print "map id " value["map_id:"]
	}' "/proc/$SPAWNED/fdinfo/$1"
}

kinds=0 told=0
while IFS='=|' read -r fd type what; do
	fd=${fd#kind_}
	got="$(csv_col "$TMP/csv" type "fd=$fd") $(csv_col "$TMP/csv" detail "fd=$fd")"
	[ "$got" = "$type $what" ] || not_ok "kind $type" "$fd is '$got', want '$type $what'"
	kinds=$((kinds + 1))
	said=$(fdinfo_says "$fd" "$type")
	[ -n "$said" ] || continue
	told=$((told + 1))
	[ "$got" = "$type $said" ] || not_ok "fdinfo of $type" "$fd is '$got', fdinfo says '$said'"
done < <(grep '^kind_' "$TMP/truth")
equal "items shown" "$(csv_col "$TMP/csv" fd | grep -c .)" "$(field "$TMP/truth" items)"
equal "items made" "$kinds" "$(field "$TMP/truth" items)"
equal "kinds that fdinfo tells of" "$told" 6
[ $failures -gt 0 ] || ok "$kinds kinds of items named"
