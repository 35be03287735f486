#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# epscope comes in the middle of the loads of several programs and goes before their end: no request
# fails, and what it counted lies between what the programs did while it was there for certain and
# what they did from before it came until after it had gone.
. "$(dirname "$0")/../lib-real.sh"
programs=${REAL:-redis nginx haproxy libuv}
for name in $programs; do
	# shellcheck source=/dev/null # checked as scripts of their own
	. "tests/real/$name.sh"
done

# rounds NAME: its load, again and again until that is enough.
rounds()
{
	local i

	for ((i = 0; i < 1000; i++)); do
		"$1_load" || return
		[ ! -e "$TMP/enough" ] || return 0
	done
	echo "not ok $1 midway: its load ended before epscope did"
	return 1
}

start_all()
{
	local name

	for name in $programs; do
		run_dir "$name"
		"${name}_command"
		counted
		spawn "${counting[@]}" >"$dir/out" 2>&1
		main=$SPAWNED
		until_true 90 "${name}_ready" ||
			not_ok "$name midway" "it does not answer: $(tail -n 3 "$dir/out")"
		spawn rounds "$name" >"$dir/loading" 2>&1
		loader=$SPAWNED
		state_save "$name"
	done
}

# counts_now WHEN: what each program has done by now.
counts_now()
{
	local name pid

	for name in $programs; do
		state_load "$name"
		counts_take
		for pid in "${pids[@]}"; do
			cp "$dir/truth.$pid" "$dir/$1.$pid"
		done
	done
}

# grown FROM TO KEY: in that time, over all processes of the program.
grown()
{
	awk -F= -v key="$3" '$1 == key { n += (FILENAME ~ /\/'"$1"'\.[0-9]+$/) ? -$2 : $2 }
		END { print n }' "$dir/$1".* "$dir/$2".*
}

between()
{
	local column

	counts_take
	for column in waits delivered adds; do
		at_most "$1 midway $column: all while it was there" "$(grown come going $column)" \
			"$(total $column)"
		at_most "$1 midway $column: none before or after" "$(total $column)" \
			"$(grown before after $column)"
	done
}

pids_all()
{
	local name

	for name in $programs; do
		state_load "$name"
		counts_take
		printf '%s\n' "${pids[@]}"
	done | paste -sd,
}

start_all
counts_now before
nap 0.2
dir=$TMP
list=$(pids_all)
dir=$TMP
epscope_start -p "$list"
wait_for_file "$TMP/attached" 90 || not_ok "midway" "epscope did not attach: $(cat "$TMP/err")"
samples=$(wc -l <"$TMP/csv")
until_true 60 eval "[ \$(wc -l <'$TMP/csv') -gt $((samples + 20)) ]"
counts_now come
sleep 1
counts_now going
nap 0.2
kill -INT "$tracer"
wait "$tracer" || not_ok "midway" "epscope ended with $?: $(cat "$TMP/err")"
nap 0.2
counts_now after
sums_of "$TMP/csv"
: >"$TMP/enough"
for name in $programs; do
	state_load "$name"
	if wait "$loader" && ! grep '^not ok' "$dir/loading"; then
		ok "$name midway: its clients saw nothing of it"
	else
		not_ok "$name midway" "its load failed: $(cat "$dir/loading")"
	fi
	program_stop "$name"
	wait "$main"
	between "$name"
done
