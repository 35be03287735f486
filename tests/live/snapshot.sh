#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Snapshots of the tree and of the ready list: exact while nothing changes, also of many items, and
# either exact or marked as torn while threads add and remove. tests/tree.py knows the rules.
. "$(dirname "$0")/../lib.sh"
need_root snapshot

MANY=${MANY:-19000}
MANY_READY=${MANY_READY:-9000}
LIST=${LIST:-1000} # items of a ready list that never rests

# tree_test ARGS...: tests/tree.py, its failures counted.
tree_test()
{
	tests/tree.py "$@" || failures=$((failures + 1))
}

# items_start NAME ARGS...: wl_items in the folder of that name, ready; its pid is in SPAWNED.
items_start()
{
	dir=$TMP/$1
	mkdir -p "$dir"
	shift
	spawn build/tests/wl_items --ready-file "$dir/ready" --truth-file "$dir/truth" \
		--hold 200 "$@" >/dev/null 2>"$dir/err"
	wait_for_file "$dir/ready" 60 && return
	not_ok "snapshot workload" "not ready: $(cat "$dir/err")"
	return 1
}

# tree_take PID OPTIONS...: epscope tree into $dir/csv; prints how long after it was attached.
tree_take()
{
	local pid=$1 begin=$EPOCHREALTIME

	shift
	if ! run_limited 60 "$EPSCOPE" tree -p "$pid" --format csv -o "$dir/csv" \
		--ready-file "$dir/attached" "$@" 2>"$dir/epscope"; then
		not_ok "snapshot of $pid" "$(cat "$dir/epscope")"
		return 1
	fi
	echo "# $(wc -l <"$dir/csv") rows; seconds to attached, to the end of the output:" \
		"$(stat -c %.3Y "$dir/attached" "$dir/csv" |
			awk -v b="$begin" '{ printf "%.3f ", $1 - b }')"
}

# exact_test NAME READY ITEMS ARGS...: against fdinfo, by each mechanism that this kernel has.
exact_test()
{
	local name=$1 ready=$2 items=$3 pid epfd mech

	shift 3
	items_start "$name" --items "$items" --ready "$ready" "$@" || return
	pid=$SPAWNED
	wait_for_file "$dir/truth" 60 || { not_ok "snapshot $name" "no truth"; return; }
	epfd=$(tr ' ' '\n' <"$dir/ready" | field /dev/stdin epfds)
	cat "/proc/$pid/fdinfo/$epfd" >"$dir/fdinfo"
	for mech in "${mechs[@]}"; do
		tree_take "$pid" --mech "snapshot=$mech" || continue
		tree_test --name "snapshot $name, $mech" --csv "$dir/csv" --fdinfo "$dir/fdinfo" \
			--ready "$(field "$dir/truth" ready)"
	done
	end_spawned "$pid"
}

# Nothing comes or goes, but masks change all the time: EPOLLONESHOT, and EPOLL_CTL_MOD.
masks_test()
{
	local pid

	dir=$TMP/masks
	mkdir -p "$dir"
	spawn build/tests/wl_counts --mode oneshot --rounds 10000000 --mods 3 >/dev/null
	pid=$SPAWNED
	run_limited 60 "$EPSCOPE" stat -p "$pid" --items --format csv -i 100ms -c 20 -o "$dir/csv" \
		2>"$dir/epscope" || not_ok "snapshot masks" "$(cat "$dir/epscope")"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	tree_test --name "snapshot while masks change" --csv "$dir/csv" --exact 5
}

# Items come to the ready list and go from it all the time, by each mechanism.
lists_test()
{
	local pid

	dir=$TMP/lists
	mkdir -p "$dir"
	spawn build/tests/wl_ready --items $((LIST * 3 / 2)) --most "$LIST" --duration 180 \
		--ready-file "$dir/ready" >/dev/null 2>"$dir/err"
	pid=$SPAWNED
	wait_for_file "$dir/ready" 20 || not_ok "snapshot lists" "not ready: $(cat "$dir/err")"
	for mech in "${mechs[@]}"; do
		run_limited 60 "$EPSCOPE" stat -p "$pid" --items --format csv -i 100ms -c 30 \
			--mech "snapshot=$mech" -o "$dir/csv" 2>"$dir/epscope" ||
			not_ok "snapshot lists" "$(cat "$dir/epscope")"
		tree_test --name "snapshot while the ready list changes, $mech" --csv "$dir/csv" \
			--exact 5 --run "$LIST"
	done
	still_ours "$pid" || not_ok "snapshot lists" "wl_ready has ended: $(cat "$dir/err")"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
}

# Without an iterator and without hook ctl: an instance that is made under observation, and of it only
# how many items there are.
fdinfo_test()
{
	local pid tracer epfd

	items_start fdinfo --items 40 --kind dup --setup-after-go --go-file "$TMP/fdinfo/go" || return
	pid=$SPAWNED
	spawn "$EPSCOPE" stat -p "$pid" --mech snapshot=fdinfo --mech ctl=none -i 100ms \
		-o "$dir/csv" --ready-file "$dir/attached" 2>"$dir/epscope"
	tracer=$SPAWNED
	wait_for_file "$dir/attached" 60 || not_ok "snapshot by fdinfo" "$(cat "$dir/epscope")"
	: >"$dir/go"
	wait_for_file "$dir/truth" 60 || not_ok "snapshot by fdinfo" "no truth"
	epfd=$(basename "$(grep -l ^tfd: "/proc/$pid"/fdinfo/* | head -1)")
	sleep 0.5
	kill -INT "$tracer"
	wait "$tracer" || not_ok "snapshot by fdinfo" "epscope ended with $?"
	equal "snapshot by fdinfo: items; tree and lists unknown" \
		"$(for column in items depth black_height ready overflow waiters; do
			csv_col "$dir/csv" $column row=interval "epfd=$epfd" | tail -1
		done | paste -sd,)" "$(grep -c ^tfd: "/proc/$pid/fdinfo/$epfd"),,,,,"
	end_spawned "$pid"
}

# churn_test: one epscope that takes many snapshots of a tree that never rests.
churn_test()
{
	local tracer

	items_start churn --items 300 --churn 4 --churn-threads 2 --churn-items 100 \
		--go-file "$TMP/churn/go" || return
	spawn "$EPSCOPE" stat -p "$SPAWNED" --items --format csv -i 50ms -o "$dir/csv" \
		--ready-file "$dir/attached" 2>"$dir/epscope"
	tracer=$SPAWNED
	if ! wait_for_file "$dir/attached" 60; then
		not_ok "snapshot churn" "$(cat "$dir/epscope")"
		return
	fi
	: >"$dir/go"
	wait_for_file "$dir/truth" 60 || { not_ok "snapshot churn" "no truth"; return; }
	kill -INT "$tracer"
	wait "$tracer" || not_ok "snapshot churn" "epscope ended with $?: $(cat "$dir/epscope")"
	tree_test --name "snapshot churn" --csv "$dir/csv" --torn-allowed
}

mechs=()
for mech in iter passes; do
	if "$EPSCOPE" check --mech snapshot=$mech >"$TMP/check" 2>&1; then
		mechs+=("$mech")
	else
		echo "# snapshot=$mech: $(cat "$TMP/check")"
	fi
done
[ ${#mechs[@]} -gt 0 ] || not_ok "snapshot mechanisms" "none: $(cat "$TMP/check")"
exact_test empty-ready 0 1
exact_test few 3 10 --kind pipe
exact_test dup 2 40 --kind dup
exact_test zombies 2 50 --dup-close 5 --close 3
exact_test many "$MANY_READY" "$MANY"
churn_test
masks_test
lists_test
fdinfo_test
