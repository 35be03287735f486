#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every experiment of the lab comes out as expected, within its time; and with a program that violates
# the rule it shows, its verdict fails (not with BROKEN=no). EXPERIMENTS="NAME..." runs those alone.
. "$(dirname "$0")/../lib.sh"
need_root lab

LIMIT=${EXPERIMENT_LIMIT:-20} # seconds that one may take

# experiment NAME STATUS SUFFIX [OPTION]: runs it; how it ended is in a line.
experiment()
{
	local begin=$SECONDS status

	run_limited 90 "$EPSCOPE" lab "$1" "${@:4}" >"$TMP/out" 2>"$TMP/err" </dev/null
	status=$?
	if [ $status != "$2" ] || [ -s "$TMP/err" ]; then
		not_ok "$1$3" "status $status, not $2: $(head -3 "$TMP/err" | paste -sd' ') $(
			grep -E ' (WRONG|missing)' "$TMP/out" | paste -sd';' | tr -s ' ')"
		cat "$TMP/out"
	elif [ $((SECONDS - begin)) -gt "$LIMIT" ]; then
		not_ok "$1$3" "took $((SECONDS - begin)) s, at most $LIMIT"
	else
		ok "$1$3: $(tail -1 "$TMP/out" | sed 's/^[^:]*: //'), $((SECONDS - begin)) s"
	fi
}

mapfile -t names < <("$EPSCOPE" lab --list | awk '{ print $1 }')
[ ${#names[@]} -gt 0 ] || not_ok "list" "no experiments"
for name in ${EXPERIMENTS:-"${names[@]}"}; do
	experiment "$name" 0 ""
	[ "${BROKEN-}" = no ] || experiment "$name" 9 ", broken" --broken
done
