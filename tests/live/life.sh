#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Lives and ends: what processes, threads, descriptors and instances leave behind when they go, come
# again under the same number or address, or change hands. Figures are the workloads' own, exactly;
# nothing that is gone is shown as living, and nothing of another is taken for it.
# shellcheck source=tests/lib-workloads.sh
. "$(dirname "$0")/../lib-workloads.sh"
need_root life

workloads_check
INSTANCES=200 # of which one after the other lives

workloads_start()
{
	ln -sf "$PWD/build/tests/wl_exec" "$TMP/second"
	ln -sf "$PWD/build/tests/wl_exec" "$TMP/third"
	workload close wl_items --items 30 --kind pipe --close 20 --dup-close 7
	workload fork wl_life --mode fork
	workload leader wl_life --mode leader
	workload handed wl_life --mode receive --rounds 30
	workload addresses wl_life --mode addresses --count $INSTANCES --pause 6
	workload exec wl_exec --as "$TMP/second"
	workload exec-thread wl_exec --by thread --as "$TMP/third"
}

# of COLUMN WORKLOAD [COLUMN=VALUE...]: in its summary rows of the round.
of()
{
	csv_col "$TMP/round/csv" "$1" row=summary "tgid=${pids[$2]}" "${@:3}"
}

# What goes on at one address is not mixed up: instance i of the workload waits i % 10 + 1 times.
addresses_test()
{
	local i

	equal "addresses: each instance its own figures" "$(of waits addresses | sort -n | uniq -c)" \
		"$(for ((i = 0; i < INSTANCES; i++)); do echo $((i % 10 + 1)); done | sort -n | uniq -c)"
	if [ "$(of ep addresses | sort -u | wc -l)" -lt $INSTANCES ]; then
		ok "addresses: some were given again"
	else
		not_ok "addresses: some were given again" "none was: nothing is tested"
	fi
}

# The one instance ended with the first program; the others name the second one.
exec_test()
{
	local name=$1 comm=$2

	equal "$name: ended with the first program" \
		"$(of died_ns "$name" | grep -c .) of $(of instance "$name" | wc -l)" "1 of 3"
	equal "$name: the living are the second program's" \
		"$(of comm "$name" died_ns= | sort -u)" "$comm"
}

# watch NAME ARGS...: rows to $TMP/NAME.csv; the process id of epscope is in tracer.
watch()
{
	local name=$1

	shift
	spawn "$EPSCOPE" stat "$@" -o "$TMP/$name.csv" --ready-file "$TMP/$name.attached" \
		2>"$TMP/$name.err"
	tracer=$SPAWNED
	wait_for_file "$TMP/$name.attached" 60 || not_ok "$name" "$(cat "$TMP/$name.err")"
}

# ended NAME: by itself, with status 0 and without a message.
ended()
{
	local i

	for ((i = 0; i < 600; i++)); do
		still_ours "$tracer" || break
		nap 0.05
	done
	if still_ours "$tracer"; then
		not_ok "$1: epscope ends by itself" "still running"
		end_spawned "$tracer"
		return
	fi
	wait "$tracer"
	equal "$1: epscope ends by itself" "$? $(cat "$TMP/$1.err")" "0 "
}

# ended_truth NAME PID: the figures are the workload's, and its instance ended with it. At the end of a
# process its items may go before the instance: fput() leaves both to task work, last in first out.
ended_truth()
{
	tests/truth.py --name "$1" --csv "$TMP/$1.csv" --check "$TMP/check" \
		--skip instances,items,destroys,releases "figures:$2:$TMP/$1.truth" || failures=$((failures + 1))
	equal "$1: all its instances ended" "$(csv_col "$TMP/$1.csv" instance row=summary died_ns=)" ""
}

# target NAME PROGRAM ARGS...: waits for its go; its process id is in target.
target()
{
	local name=$1 program=$2

	shift 2
	spawn "build/tests/$program" "$@" --ready-file "$TMP/$name.ready" --go-file "$TMP/$name.go" \
		--truth-file "$TMP/$name.truth" >/dev/null
	wait_for_file "$TMP/$name.ready" 20 || not_ok "$name" "workload not ready"
	target=$(tr ' ' '\n' <"$TMP/$name.ready" | field /dev/stdin pid)
}

# The parent dies first. Without -f that is the end; what its child does later counts nowhere.
orphan_test()
{
	target orphan wl_life --mode orphan --go-on-file "$TMP/orphan.on"
	watch orphan -p "$target" -i 200ms
	: >"$TMP/orphan.go"
	ended orphan
	equal "orphan: the parent's waits" "$(csv_col "$TMP/orphan.csv" waits row=summary)" 10
	equal "orphan: its child still has the instance" \
		"$(csv_col "$TMP/orphan.csv" died_ns row=summary)" ""
	: >"$TMP/orphan.on"
	wait_for_file "$TMP/orphan.truth" 20 || not_ok "orphan" "no truth"
}

# A look at who has an instance rests for 50 times as long as it took, and one has to come while the
# child alone has it: under emulation it takes some 20 ms.
CHILD_STAYS=6 # seconds

# With -f the child is watched, until it ends too.
orphan_follow_test()
{
	target follow wl_life --mode orphan --hold $CHILD_STAYS
	watch follow -p "$target" -f -i 200ms
	: >"$TMP/follow.go"
	ended follow
	ended_truth follow "$(field "$TMP/follow.truth" pid)" # the instance is the child's by then
}

# Threads that waited do not wait any more once they are killed.
killed_test()
{
	target killed wl_life --mode killed --hold $CHILD_STAYS
	watch killed -p "$target" -f -i 200ms
	: >"$TMP/killed.go"
	ended killed
	ended_truth killed "$(field "$TMP/killed.truth" pid)"
	equal "killed: nobody waits" "$(csv_col "$TMP/killed.csv" in_wait row=interval | tail -1)" 0
}

# Its number is another's long before the next sample.
reuse_test()
{
	target reuse wl_reuse --reused-file "$TMP/reused"
	watch reuse -p "$target" -i 5s
	: >"$TMP/reuse.go"
	wait_for_file "$TMP/reused" 20 || not_ok "reuse" "the number was not given again"
	equal "reuse: it is another's now" "$(cat "/proc/$target/comm")" another
	ended reuse
	ended_truth reuse "$target"
	equal "reuse: nothing of the other" "$(csv_col "$TMP/reuse.csv" comm row=summary)" wl_reuse
}

round_run round ""
addresses_test
exec_test exec second
exec_test exec-thread third
orphan_test
orphan_follow_test
killed_test
reuse_test
