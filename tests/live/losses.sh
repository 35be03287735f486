#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every map and the ring buffer made too small for the load: what was counted and what was lost is
# what happened, to the last one, by the workloads' own counts; and an instance that lost something
# says so.
. "$(dirname "$0")/../lib.sh"
need_root losses

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

# known_to HOOK: 1 if it is in the full tier.
known_to()
{
	awk -v hook="$1" '$1 == hook { print $2 == "full" }' "$TMP/check"
}

callbacks=$(known_to callback)
scans=$(known_to send)
ends=$(known_to destroy)

# start WORKLOAD ARGS...: in the folder $dir; makes its instances when it gets its go.
start()
{
	spawn "build/tests/$1" "${@:2}" --setup-after-go --ready-file "$dir/ready" --go-file "$dir/go" \
		--truth-file "$dir/truth" --hold 200 >/dev/null 2>"$dir/err"
	targets+=("$SPAWNED")
	wait_for_file "$dir/ready" 20 || not_ok "$1" "$(cat "$dir/err")"
}

# observe NAME "EPSCOPE ARGS" "WORKLOAD ARGS"...: one after the other. Rows are in $out, the folder
# of each workload in $dirs.
observe()
{
	local name=$1 args=$2 tracer load dir targets=()

	shift 2
	dirs=()
	out=$TMP/$name.out
	for load in "$@"; do
		dir=$TMP/$name.${#dirs[@]}
		dirs+=("$dir")
		mkdir "$dir"
		# shellcheck disable=SC2086 # a command and its options
		start $load
	done
	# shellcheck disable=SC2086 # the same
	spawn "$EPSCOPE" $args -p "$(IFS=, && echo "${targets[*]}")" -o "$out" \
		--ready-file "$TMP/$name.attached" 2>"$TMP/$name.err"
	tracer=$SPAWNED
	wait_for_file "$TMP/$name.attached" 60 || not_ok "$name" "$(cat "$TMP/$name.err")"
	for dir in "${dirs[@]}"; do
		: >"$dir/go"
		wait_for_file "$dir/truth" 60 || not_ok "$name" "no truth: $(cat "$dir/err")"
	done
	kill -INT "$tracer"
	wait "$tracer"
	equal "$name: ends well" "$? $(cat "$TMP/$name.err")" "0 "
	kill "${targets[@]}"
}

# sum COLUMN FILTER...: of the rows of $out.
sum()
{
	csv_col "$out" "$@" | awk '{ s += $1 } END { print s + 0 }'
}

# rows FILTER...: how many of $out.
rows()
{
	csv_col "$out" lost "$@" | wc -l
}

# lost PLACE...: of $out, together.
lost()
{
	local place n=0

	for place in "$@"; do
		n=$((n + $(sum lost "where=$place")))
	done
	echo $n
}

# happened KEY...: the sum of these, by the workloads.
happened()
{
	local key dir n=0

	for key in "$@"; do
		for dir in "${dirs[@]}"; do
			n=$((n + $(field "$dir/truth" "$key" || echo 0)))
		done
	done
	echo $n
}

# adds_up NAME COUNTED "PLACE..." HAPPENED: and some of it was lost at each place.
adds_up()
{
	local place all

	for place in $3; do
		[ "$(lost "$place")" -gt 0 ] ||
			not_ok "$1" "nothing was lost at $place: the test fills nothing"
	done
	# shellcheck disable=SC2086 # several places
	all=$(lost $3)
	equal "$1: counted and lost at $3" "$2 + $all = $(($2 + all))" "$2 + $all = $4"
}

# marked NAME PLACE...: the places that the instances' last rows name, all together.
marked()
{
	local name=$1

	shift
	equal "$name: instances say so" "$(csv_col "$out" inexact row=summary | tr , '\n' |
		grep . | sort -u | paste -sd' ')" "$*"
}

# ring_adds_up NAME: the types that share the ring buffer, together; none has more than happened.
ring_adds_up()
{
	local type key n all=0 want=0
	local types="wait:waits return:waits deliver:delivered ctl:ctls wake:woken"

	[ "$callbacks" = 0 ] || types="$types callback:callbacks"
	for type in $types; do
		key=${type#*:}
		[ "$key" != ctls ] || key="adds mods dels ctl_errors"
		n=$(rows "type=${type%:*}")
		all=$((all + n))
		# shellcheck disable=SC2086 # several keys
		key=$(happened $key)
		want=$((want + key))
		[ "$n" -le "$key" ] || not_ok "$1: rows of ${type%:*}" "$n of $key"
	done
	adds_up "$1" "$all" ring "$want"
}

case_ring()
{
	local args="--ring-size 4k --events wait,return,deliver,ctl,callback,wake"
	local load=("wl_counts --rounds 1000 --mods 1 --errors --signals 0 --timeouts 0"
		"wl_herd --threads 60 --events 3")

	observe trace "trace $args" "${load[@]}"
	ring_adds_up trace
	observe record "record $args" "${load[@]}"
	"$EPSCOPE" trace -r "$out" --format csv >"$TMP/replay" || not_ok "replay" "status $?"
	out=$TMP/replay
	ring_adds_up recording
}

# An instance is exact from its birth to its end, or lost. One that has ended may have found no room
# among the ended ones, and may have had rows before.
case_instances()
{
	local exact

	observe instances "stat --max-instances 8 -i 100ms" \
		"wl_create --instances 400 --items 1" "wl_create --instances 60 --live 20"
	exact=$(($(rows row=summary) - $(rows row=summary born_ns=)))
	exact=$((exact - $(csv_col "$out" inexact row=summary | grep -cw dead)))
	adds_up instances "$((exact + $(lost dead)))" instances "$(happened creates)"
	# Where no hook sees an end, those that ended keep their place among the living for a while.
	if [ "$ends" = 1 ] && [ "$(lost dead)" = 0 ]; then
		not_ok "instances" "nothing was lost at dead: the test fills nothing"
	fi
}

# Items and returns that find no room, are too long, have the same user data, or are gone when they
# are read: each delivered event has its item or is lost.
case_items()
{
	observe items "stat --items --max-items 4000 -i 1h" \
		"wl_burst --items 3000 --batch 2500 --rounds 4" \
		"wl_burst --items 2000 --batch 2000 --rounds 50 --unmap" \
		"wl_burst --items 50 --batch 30 --same-data" \
		"wl_burst --items 300 --batch 100"
	adds_up items "$(csv_col "$out" item_delivered row=item | grep -c .)" items \
		"$(happened items)"
	adds_up items "$(sum item_delivered row=item)" "unattributed read" "$(happened delivered)"
	equal "items: the instances have all" "$(sum delivered row=summary)" \
		"$(happened delivered)"
	if [ "$scans" = 1 ]; then
		marked items items list read unattributed
	else # put back is told from the items there
		marked items items read unattributed
		adds_up "put back" "$(sum put_back row=summary)" "unattributed read" \
			"$(happened put_back)"
	fi
}

case_threads()
{
	observe threads "stat --max-threads 4 -i 1h" "wl_threads --threads 12 --generations 4"
	# epoll_ctl takes a thread's place too where its two ends are seen apart
	adds_up threads "$(($(sum waits row=summary) + $(sum adds row=summary)))" threads \
		"$(happened waits adds)"
	marked threads threads
}

case_wakers()
{
	observe wakers "stat --max-wakers 3 -i 1h" "wl_herd --threads 8 --events 20"
	# Three pairs have their place; each thread is woken by each event.
	adds_up wakers $((3 * 20)) wakers "$(happened woken)"
	equal "wakers: all are woken" "$(sum woken row=summary)" "$(happened woken)"
	marked wakers wakers
}

# Processes of a name: three are watched, the others are lost, until there is room.
case_targets()
{
	local i pids=() tracer first

	cp build/tests/wl_items "$TMP/ep-many"
	for ((i = 0; i < 5; i++)); do
		spawn "$TMP/ep-many" --items 2 --hold 200 --ready-file "$TMP/many.$i" >/dev/null
		pids+=("$SPAWNED")
		wait_for_file "$TMP/many.$i" 20 || not_ok "targets" "did not start"
	done
	out=$TMP/targets.out
	spawn "$EPSCOPE" stat -n ep-many --max-targets 3 -i 100ms -o "$out" \
		--ready-file "$TMP/targets.attached" 2>"$TMP/targets.err"
	tracer=$SPAWNED
	wait_for_file "$TMP/targets.attached" 60 || not_ok "targets" "$(cat "$TMP/targets.err")"
	first=$(csv_col "$out" ts_ns row=interval | head -1)
	for ((i = 0; i < 3; i++)); do
		end_spawned "${pids[i]}"
	done
	for ((i = 0; i < 200; i++)); do
		[ "$(csv_col "$out" tgid row=interval | sort -u | wc -l)" = 5 ] && break
		nap 0.1
	done
	kill -INT "$tracer"
	wait "$tracer"
	equal "targets: ends well" "$? $(cat "$TMP/targets.err")" "0 "
	adds_up targets "$(rows row=interval "ts_ns=$first")" targets 5
	equal "targets: all have had their turn" \
		"$(csv_col "$out" tgid row=interval | sort -nu | paste -sd' ')" \
		"$(printf '%s\n' "${pids[@]}" | sort -nu | paste -sd' ')"
}

for part in ${CASES:-ring instances items threads wakers targets}; do
	"case_$part"
done
