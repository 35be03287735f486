# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Many workloads under one epscope; source it instead of lib.sh. The script says in a function
# workloads_start which ones, calls round_run, and tests/truth.py compares. The output of `epscope
# check` is in $TMP/check.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

workloads_check()
{
	check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
}

names=()
declare -A pids
truth_options= # of tests/truth.py

# workload NAME PROGRAM ARGS...: starts one that waits for its go.
workload()
{
	local name=$1 program=$2 dir=$round/$1

	shift 2
	mkdir -p "$dir"
	# shellcheck disable=SC2086 # several arguments, or none
	spawn "build/tests/$program" "$@" $when --ready-file "$dir/ready" --go-file "$dir/go" \
		--truth-file "$dir/truth" --hold 120 >/dev/null 2>"$dir/err"
	names+=("$name")
	pids[$name]=$SPAWNED
}

# workload_absent NAME WHY: it says that it cannot run here.
workload_absent()
{
	skip "workload $1" "$2"
}

# Each in turn; those that cannot run here leave the list.
workloads_run()
{
	local name running=()

	for name in "${names[@]}"; do
		: >"$round/$name/go"
		if wait_for_file "$round/$name/truth" 60; then
			running+=("$name")
		else
			not_ok "workload $name" "no truth: $(cat "$round/$name/err")"
		fi
	done
	names=("${running[@]}")
}

# Waits for all ready files; workloads that say that they cannot run here leave the list.
workloads_ready()
{
	local name ready=() end=$((SECONDS + 60))

	for name in "${names[@]}"; do
		until [ -s "$round/$name/ready" ] || ! still_ours "${pids[$name]}" ||
			[ $SECONDS -ge $end ]; do
			nap 0.05
		done
		if [ -s "$round/$name/ready" ]; then
			ready+=("$name")
		elif grep -q skipped "$round/$name/err"; then
			workload_absent "$name" "$(cat "$round/$name/err")"
		else
			not_ok "workload $name" "not ready: $(cat "$round/$name/err")"
		fi
	done
	names=("${ready[@]}")
}

# round_once WHEN OPTION...: all of them, under one epscope with these options that comes when they are
# ready. 1, and a failed test, if it does not come to that.
round_once()
{
	local when=$1 list name tracer

	shift
	rm -rf "$round"
	mkdir -p "$round"
	if ! "$EPSCOPE" check "$@" >"$round/check" 2>"$round/check.err"; then
		not_ok "round $title" "epscope check $* failed: $(cat "$round/check.err")"
		return 1
	fi
	names=()
	workloads_start
	workloads_ready
	list=$(for name in "${names[@]}"; do echo "${pids[$name]}"; done | paste -sd,)
	spawn "$EPSCOPE" stat -p "$list" "$@" -i 200ms -o "$round/csv" --ready-file "$round/attached" \
		2>"$round/err"
	tracer=$SPAWNED
	if ! wait_for_file "$round/attached" 60; then
		not_ok "round $title" "epscope did not attach: $(cat "$round/err")"
		return 1
	fi
	workloads_run
	kill -INT "$tracer"
	wait "$tracer" || not_ok "round $title" "epscope ended with $?: $(cat "$round/err")"
}

round_end()
{
	local name

	for name in "${names[@]}"; do
		kill "${pids[$name]}"
	done
}

# round_run NAME WHEN OPTION...: a round, once more if the kernel skipped programs of epscope's, which
# it counts: then no figure can be compared. WHEN is an option of the workloads, or empty. What is left
# of it is in $TMP/NAME: csv, check, and a folder for each workload.
round_run()
{
	local round=$TMP/$1 title=$1 name try runs=()

	shift
	for ((try = 1; try <= SKIPPED_TRIES; try++)); do
		round_once "$@" || return
		if [ -n "$truth_options" ] || [ $try = $SKIPPED_TRIES ] ||
			! skipped_in "$round/csv" row=lost; then
			break
		fi
		echo "# $title: once more"
		round_end
	done
	for name in "${names[@]}"; do
		runs+=("$name:${pids[$name]}:$round/$name/truth")
	done
	# shellcheck disable=SC2086 # several options, or none
	tests/truth.py $truth_options --name "$title" --csv "$round/csv" --check "$round/check" "${runs[@]}" ||
		failures=$((failures + 1))
	round_end
}
