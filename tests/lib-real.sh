# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests with programs that nobody here wrote share; source it instead of lib.sh. Such a
# script, tests/real/PROGRAM.sh, defines what is special about its program:
#
#   PROGRAM_command  sets the array `cmd`: the program in the foreground, its files in $dir
#   PROGRAM_ready    succeeds once it answers
#   PROGRAM_load     a load of $count units; writes into $dir/load, as KEY=VALUE, what the client
#                    reports; the lines are the same in every run
#   PROGRAM_quiet    (may be missing) after the load: asks the program, sets `quiet`, the arguments
#                    of tests/quiet.py
#   PROGRAM_compare  (may be missing) after its end: what else is known of the totals
#
# and ends with `real_main PROGRAM`, which runs it alone; tests/real/together.sh takes the functions
# of all of them. The epoll calls that a program makes are counted inside it, by epcount.so: that is
# the truth which `epscope stat` must equal from the program's start to its end. COUNT is the size
# of the loads, in a VM less than natively; there these scripts run as they are.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. tests/lib-real-clients.sh

count=${COUNT:-2000}
export COUNT=$count
TOOLS=$PWD/build/tests
dir=       # folder of the run
cmd=()     # what PROGRAM_command sets
quiet=()   # what PROGRAM_quiet sets
lossy=     # where data may be lost, see tests/truth.py
skip_keys= # counts that are not compared, see tests/truth.py
main=      # process id of the program
pids=()    # those of its processes that use epoll
tracer=    # of epscope
REAL_INTERVAL=${REAL_INTERVAL:-200ms}

# need_program NAME...: ends the script if one of these is not there.
need_program()
{
	local name

	need_root "$(basename "$0" .sh)"
	for name in "$@" build/tests/epcount.so; do
		command -v "$name" >/dev/null || [ -e "$name" ] && continue
		not_ok "$(basename "$0" .sh)" "no $name: scripts/setup test && make test-real"
		exit 1
	done
}

# run_dir NAME: the folder of a run, made; epcount.so counts below it.
run_dir()
{
	dir=$TMP/$1
	probes=0
	mkdir -p "$dir/counts"
}

# state_save NAME, state_load NAME: what these scripts know of the run of a program, while several
# run at a time.
STATE=(dir main pids port stats_port probes connections accepts handled requests commands quiet
	lossy skip_keys loader)
state_save()
{
	declare -p "${STATE[@]}" 2>/dev/null | sed 's/^declare /declare -g /' >"$TMP/$1.state"
}

state_load()
{
	# shellcheck source=/dev/null # written by state_save
	. "$TMP/$1.state"
}

# counted: the command of the program that counts its own epoll calls, in the array `counting`.
counted()
{
	counting=(env "EPCOUNT_DIR=$dir/counts" "LD_PRELOAD=$TOOLS/epcount.so" "${cmd[@]}")
}

# counts_take: what the processes of the run have counted by now, in $dir/truth.PID; `pids` has
# those that have made an instance.
counts_take()
{
	local file pid

	pids=()
	for file in "$dir"/counts/*; do
		pid=${file##*/}
		"$TOOLS/epcount_show" "$file" >"$dir/truth.$pid" || return 1
		grep -qx 'creates=0' "$dir/truth.$pid" || pids+=("$pid")
	done
}

# fdinfo_take PID...: copies of the fdinfo of their instances.
fdinfo_take()
{
	local pid fd

	mkdir -p "$dir/fdinfo"
	for pid in "$@"; do
		find "/proc/$pid/fd" -lname 'anon_inode:\[eventpoll\]' -printf '%f\n' |
			while read -r fd; do
				cat "/proc/$pid/fdinfo/$fd" >"$dir/fdinfo/$pid.$fd"
			done
	done
}

# closed: items that are gone without EPOLL_CTL_DEL, as the program and its fdinfo say.
closed()
{
	cat "$dir"/truth.* "$dir"/fdinfo/* | awk -F= '
		$1 == "adds" { n += $2 }
		$1 == "dels" { n -= $2 }
		/^tfd:/ { n-- }
		END { print n }'
}

# quiet_once NAME CSV: whether its last whole sample shows what is true now, in $dir/verdict. Items
# of older samples are left out, which takes Python longer under emulation.
quiet_once()
{
	awk -F, '
		$1 != "item" { print; next }
		$2 != ts { ts = $2; before = last; last = "" }
		{ last = last $0 "\n" }
		END { printf "%s%s", before, last }' "$2" >"$dir/quiet.csv"
	tests/quiet.py --name "$1 quiet" --csv "$dir/quiet.csv" --fdinfo "$dir/fdinfo" \
		"${quiet[@]}" "${pids[@]}" >"$dir/verdict"
}

# quiet_take NAME: the program rests from now on; what it and the kernel say of that.
quiet_take()
{
	quiet=()
	lossy=
	skip_keys=
	! declare -F "$1_quiet" >/dev/null || "$1_quiet"
	counts_take
	fdinfo_take "${pids[@]}"
	[[ -n $skip_keys || " ${quiet[*]}" == *" --closed "* ]] || quiet+=(--closed "$(closed)")
}

# quiet_check NAME CSV: the samples since then say the same. One that was under way may still come,
# and trees are not read at every sample on a busy machine.
quiet_check()
{
	until_true 30 quiet_once "$1" "$2" || failures=$((failures + 1))
	cat "$dir/verdict"
}

# truth_end PID: of a process that has ended. Waits that its threads were in when it did so have not
# returned to it; the kernel ended them with EINTR, as it does for any signal. What it had done
# before it was watched is subtracted.
truth_end()
{
	touch "$dir/before.$1"
	awk -F= -v before="$dir/before.$1" '
		FILENAME == before { b[$1] = $2; next }
		{ v[$1] = $2 }
		END {
			v["returns_signal"] = v["waits"] - v["returns_events"] \
				- v["returns_timeout"] - v["returns_error"]
			for (key in v) print key "=" v[key] - b[key]
		}' "$dir/before.$1" "$dir/truth.$1" >"$dir/end.$1"
}

# sums_of CSV: its rows that are left of a run, in $TMP/sums.csv.
sums_of()
{
	grep -E '^(row|summary|lost),' "$1" >"$TMP/sums.csv"
}

# totals_check NAME: what epscope counted of the program is what the program itself counted.
totals_check()
{
	local pid runs=()

	counts_take
	for pid in "${pids[@]}"; do
		truth_end "$pid"
		grep -qv '=0$' "$dir/end.$pid" || continue # nothing since it is watched
		runs+=("process $((${#runs[@]} + 1)):$pid:$dir/end.$pid")
	done
	tests/truth.py --name "$1" --csv "$TMP/sums.csv" --check "$TMP/check" --lossy "$lossy" \
		--skip "$skip_keys" "${runs[@]}" ||
		failures=$((failures + 1))
}

# total COLUMN: over the summary rows of all processes of the run; empty if one does not know it.
total()
{
	local pid

	for pid in "${pids[@]}"; do
		csv_col "$TMP/sums.csv" "$1" row=summary "tgid=$pid"
	done | awk 'NF == 0 { unknown = 1 } { s += $1 } END { if (NR && !unknown) print s }'
}

# truth KEY: over the processes of the run, after totals_check.
truth()
{
	local pid

	for pid in "${pids[@]}"; do
		field "$dir/end.$pid" "$1"
	done | awk '{ s += $1 } END { print s }'
}

# program_stop NAME: asks the program to end.
program_stop()
{
	kill -TERM "$main" || not_ok "$1 ends" "it has gone before"
}

# plain NAME: the program and its load without epscope; the client's report stays in plain.load.
plain()
{
	run_dir "$1-plain"
	"$1_command"
	spawn "${cmd[@]}" >"$dir/out" 2>&1
	main=$SPAWNED
	if ! until_true 60 "$1_ready"; then
		not_ok "$1 alone" "it does not answer: $(tail -n 3 "$dir/out")"
		return 1
	fi
	"$1_load" || not_ok "$1 alone" "its load failed: $(cat "$dir/load")"
	end_spawned "$main"
	cp "$dir/load" "$TMP/$1.plain"
}

# child_of PID: its only child becomes the program.
child_of()
{
	main=$(ps -o pid= --ppid "$1")
	main=${main// /}
	[ -n "$main" ]
}

# epscope_start ARGS...: stat, into $dir/csv.
epscope_start()
{
	spawn "$EPSCOPE" stat --items -i "$REAL_INTERVAL" -o "$dir/csv" \
		--ready-file "$dir/attached" "$@" >"$dir/out" 2>"$dir/err"
	tracer=$SPAWNED
}

# The ways to watch a program from its first to its last call: watch_command NAME starts it behind
# --, watch_name NAME waits for a process of the program's name, and its children.
watch_command()
{
	epscope_start -- "${counting[@]}"
	until_true 90 "$1_ready" && child_of "$tracer"
}

watch_name()
{
	epscope_start -n "$(basename "${cmd[0]}")"
	wait_for_file "$dir/attached" 90 || return 1
	spawn "${counting[@]}" >"$dir/out" 2>&1
	main=$SPAWNED
	until_true 60 "$1_ready"
}

# watch_pids NAME attaches to all of its processes once they have started. What they did before is
# no part of the truth.
watch_pids()
{
	local list pid

	spawn "${counting[@]}" >"$dir/out" 2>&1
	main=$SPAWNED
	until_true 60 "$1_ready" || return 1
	list=$(ps -o pid= --ppid "$main" | tr -d ' ' | paste -sd,)
	epscope_start -p "$main,$list"
	wait_for_file "$dir/attached" 90 || return 1
	counts_take
	for pid in "${pids[@]}"; do
		cp "$dir/truth.$pid" "$dir/before.$pid"
	done
}

# watched NAME WAY: the program and its load, watched in that way.
watched()
{
	run_dir "$1"
	"$1_command"
	counted
	if ! "watch_$2" "$1"; then
		not_ok "$1 watched" "it does not answer: $(tail -n 3 "$dir/out" "$dir/err")"
		return 1
	fi
	"$1_load" || not_ok "$1 watched" "its load failed: $(cat "$dir/load")"
	quiet_take "$1"
	quiet_check "$1" "$dir/csv"
	program_stop "$1"
	[ "$2" = command ] || wait "$main"
	[ "$2" != name ] || kill -INT "$tracer"
	wait "$tracer" || not_ok "$1 watched" "epscope ended with $?: $(cat "$dir/err")"
	sums_of "$dir/csv"
	totals_check "$1"
	compare "$1"
}

# compare NAME: what holds for every program, and what it knows itself.
compare()
{
	local woken wasted callbacks

	equal "$1 nothing lost" "$(csv_col "$TMP/sums.csv" where row=lost | grep -vFx "$lossy")" ""
	woken=$(total woken)
	wasted=$(total wasted)
	# A wakeup that was not in vain ends one wait with events, and no wait ends twice.
	at_most "$1 wakeups that were of use" $((woken - wasted)) "$(truth returns_events)"
	near "$1 woken" "$woken" "$(truth wakeups)" "$(truth wakeups_unsure)"
	callbacks=$(total callbacks)
	# An ET item is delivered after a callback, or since it was ready when it was registered.
	[ -z "$callbacks" ] || at_most "$1 events of ET items" \
		$(($(total delivered) - $(total put_back))) \
		$((callbacks + $(truth adds) + $(truth mods)))
	! declare -F "$1_compare" >/dev/null || "$1_compare"
}

# near NAME WOKEN SLEEPS UNSURE: who is woken in the moment between queueing and sleeping does not
# sleep, and a page fault or a mutex may put to sleep in a wait: how often that happens is up to the
# scheduler, but not in one of twenty waits. Of the sleeps UNSURE may have ended by their timeout.
near()
{
	local few=$(($3 / 20 + 2))

	if [ "$2" -ge $(($3 - $4 - few)) ] && [ "$2" -le $(($3 + few)) ]; then
		ok "$1 as often as it slept"
	else
		not_ok "$1 as often as it slept" "got $2, slept $3 times, $4 of them until it timed out"
	fi
}

# at_most NAME GOT LIMIT
at_most()
{
	if [ "$2" -le "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got $2, at most $3"
	fi
}

# same_results NAME: the client saw the same with and without epscope.
same_results()
{
	equal "$1 serves the same watched and alone" "$(paste -sd' ' "$dir/load")" \
		"$(paste -sd' ' "$TMP/$1.plain")"
}

# real_main NAME WAY: alone, unless another script only wants the functions.
real_main()
{
	[ "${BASH_SOURCE[1]}" = "$0" ] || return 0
	check_take "$TMP/check" || { not_ok "$1" "epscope check failed"; exit 1; }
	plain "$1"
	watched "$1" "$2" && same_results "$1"
}
