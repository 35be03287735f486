#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An instance with very many items: what the first snapshot (which also enters them into the maps)
# and later ones take per item, whether all are shown, and how soon the dashboard answers a key while
# it watches them: with all instances on the screen, and with the list of this one's items. As many
# processes share the instance as the hard limit on open files makes necessary; the kernel's other
# limits are raised, and put back. ITEMS="N N" are the sizes, LABEL as in pingpong.sh.
RUNS=${RUNS:-2} # each takes minutes
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

ITEMS=${ITEMS:-"1000 19000 100000 500000"}
SNAPSHOTS=3     # of a run of epscope, if they come within
SNAPSHOTS_LIMIT=${SNAPSHOTS_LIMIT:-30} # seconds
KEYS=${KEYS:-5} # pressed in a run of the dashboard
LIMITS="fs/file-max fs/epoll/max_user_watches"
SETUP_LIMIT=240 # seconds until an instance of the largest size is there

limits_raise()
{
	local name

	for name in $LIMITS; do
		cat "/proc/sys/$name" >"$TMP/${name//\//.}"
		[ "$(cat "/proc/sys/$name")" -ge 4000000 ] || echo 4000000 >"/proc/sys/$name"
	done 2>/dev/null
	ulimit -n "$(ulimit -Hn)"
}

items_end()
{
	local status=$? name

	for name in $LIMITS; do
		cat "$TMP/${name//\//.}" >"/proc/sys/$name"
	done 2>/dev/null
	(exit $status)
	bench_end
}

snapshots_taken()
{
	[ "$(grep -c 'snapshot took' "$TMP/says")" -ge "$1" ] || ! still_ours "$2"
}

# snapshots N PID: epscope takes the next ones so seldom that they take a small share of the time.
snapshots()
{
	local ns n

	spawn "$EPSCOPE" stat -p "$2" --max-items "$1" -i 1s -v -o "$TMP/stat" 2>"$TMP/says"
	until_true "$SNAPSHOTS_LIMIT" snapshots_taken $SNAPSHOTS "$SPAWNED"
	still_ours "$SPAWNED" || bench_fail "epscope: $(tail -n 1 "$TMP/says")"
	end_spawned "$SPAWNED"
	mapfile -t ns < <(sed -n 's/.*snapshot took \([0-9]*\) ns.*/\1/p' "$TMP/says")
	sample "first snapshot" "$1 items" "ns per item" "$((ns[0] / $1))"
	sample "first snapshot: all" "$1 items" ms "$((ns[0] / 1000000))"
	for n in "${ns[@]:1}"; do
		sample "later snapshot" "$1 items" "ns per item" "$((n / $1))"
		sample "later snapshot: all" "$1 items" ms "$((n / 1000000))"
	done
	sample "items shown" "$1 items" items "$(csv_col "$TMP/stat" items row=interval | tail -n 1)"
}

# screen_gets TEXT: until the terminal was sent that. Starts no process, which would take the CPU.
screen_gets()
{
	local text end=$((SECONDS + 30))

	while [ $SECONDS -lt $end ]; do
		IFS= read -r -d '' text <"$TMP/screen"
		[[ $text != *"$1"* ]] || return 0
		read -r -t 0.002 <>"$TMP/never"
	done
	return 1
}

# key FIGURE N: how long from a key to its help on the screen; tmux, which presses it, included.
key()
{
	local begin now

	: >"$TMP/screen"
	begin=${EPOCHREALTIME/./}
	tmux -L "epscope-bench-$$" send-keys '?'
	screen_gets "selected instance" || bench_fail "no help within 30 s"
	now=${EPOCHREALTIME/./}
	sample "$1" "$2 items" ms \
		"$(awk -v us=$((now - begin)) 'BEGIN { print us / 1000 }')"
	tmux -L "epscope-bench-$$" send-keys Escape
	sleep 1.0$((RANDOM % 90 + 10)) # not in step with the frames
}

# keys N PID
keys()
{
	local i

	dashboard_start "$TMP/top" -p "$2" --max-items "$1"
	tmux -L "epscope-bench-$$" pipe-pane -o "cat >>$TMP/screen"
	sleep 2
	for ((i = 0; i < KEYS; i++)); do
		key "from a key to the screen" "$1"
	done
	tmux -L "epscope-bench-$$" send-keys Enter
	sleep 1
	tmux -L "epscope-bench-$$" send-keys 3
	sleep 2
	for ((i = 0; i < KEYS; i++)); do
		key "... with its items on it" "$1"
	done
	dashboard_end
}

# processes N: the fewest of which each has an equal share of so many items and may have it open; 1 if
# a thousand are not enough.
processes()
{
	local n limit

	limit=$(ulimit -n)
	for ((n = 1; n <= 1000; n++)); do
		(($1 % n || $1 / n + 100 > limit)) && continue
		echo $n
		return
	done
	return 1
}

# items N
items()
{
	local program shares

	if ! shares=$(processes "$1"); then
		cannot "$1 items" "no more than $(ulimit -n) open files are allowed"
		return
	fi
	rm -f "$TMP/items"
	spawn "$TOOLS/wl_items" --items "$1" --processes "$shares" --ready-file "$TMP/items" \
		--go-signal --hold 600 >"$TMP/items.out" 2>&1
	program=$SPAWNED
	await "$TMP/items" $SETUP_LIMIT wl_items
	kill -USR1 "$program" # its time to hold them begins
	snapshots "$1" "$program"
	keys "$1" "$program"
	end_spawned "$program"
}

need_commands tmux
mkfifo "$TMP/never"
trap items_end EXIT
limits_raise
bench_begin "items${LABEL-}"
read -ra sizes <<<"$ITEMS"
rounds items "${sizes[@]}"
goals=()
for n in "${sizes[@]}"; do
	goals+=(--goal "items shown" "$n items" median at-least "$n")
	goals+=(--goal "from a key to the screen" "$n items" median at-most 100)
	goals+=(--goal "... with its items on it" "$n items" median at-most 100)
done
bench_table "${goals[@]}"
