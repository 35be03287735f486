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
kinds=0
while IFS='=|' read -r fd type what; do
	fd=${fd#kind_}
	got="$(csv_col "$TMP/csv" type "fd=$fd") $(csv_col "$TMP/csv" detail "fd=$fd")"
	[ "$got" = "$type $what" ] || not_ok "kind $type" "$fd is '$got', want '$type $what'"
	kinds=$((kinds + 1))
done < <(grep '^kind_' "$TMP/truth")
equal "items shown" "$(csv_col "$TMP/csv" fd | grep -c .)" "$(field "$TMP/truth" items)"
equal "items made" "$kinds" "$(field "$TMP/truth" items)"
[ $failures -gt 0 ] || ok "$kinds kinds of items named"
