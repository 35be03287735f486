# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the benchmarks share; source it instead of tests/lib.sh, which it sources. A benchmark,
# tests/bench/NAME.sh:
#
#   bench_begin NAME              its samples go to build/bench/NAME.csv, written anew
#   rounds FUNCTION CONTESTANT... RUNS times FUNCTION CONTESTANT, for each in turn: A B C A B C
#   sample FIGURE CONTESTANT UNIT VALUE    in FUNCTION: what was measured
#   cannot CONTESTANT MESSAGE     in FUNCTION: one that does not run here, with its own message
#   bench_table ARGS...           the table of all that, see tests/bench/table.py
#
# Each thing that is started is given an end of its own, so that nothing stays if this is killed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

RUNS=${RUNS:-5}
BENCH_DIR=$PWD/build/bench
TOOLS=$PWD/build/tests
samples= # file of the samples
notes=   # file of what cannot run here

bench_end()
{
	local status=$?

	tmux -L "epscope-bench-$$" kill-server 2>/dev/null
	(exit $status)
	lib_end
}
trap bench_end EXIT

# bench_fail MESSAGE: the benchmark cannot go on.
bench_fail()
{
	echo "bench: $1" >&2
	exit 1
}

# bench_begin NAME [ROOT]: ROOT is no for a benchmark that needs no root.
bench_begin()
{
	if [ "${2:-yes}" = yes ] && [ "$(id -u)" != 0 ]; then
		echo "bench: needs root; run: sudo make bench" >&2
		exit 3
	fi
	[ -x "$EPSCOPE" ] || bench_fail "no $EPSCOPE: make all"
	mkdir -p "$BENCH_DIR" || exit 1
	samples=$BENCH_DIR/$1.csv
	notes=$TMP/notes
	echo figure,contestant,unit,value >"$samples"
	: >"$notes"
	echo "== $1: kernel $(uname -r), $(nproc) cores, $(bench_tier), $RUNS runs"
}

bench_tier()
{
	if [ "$(id -u)" = 0 ]; then
		"$EPSCOPE" check | sed -n 's/^\(full\|basic\) tier.*/\1 tier/p'
	else
		echo "without root"
	fi
}

# sample FIGURE CONTESTANT UNIT VALUE: no value if the run failed, which keeps rounds together.
# None of them has a comma in it.
sample()
{
	echo "$1,$2,$3,$4" >>"$samples"
}

# cannot CONTESTANT MESSAGE
cannot()
{
	grep -qxF "$1 did not run: $2" "$notes" || echo "$1 did not run: $2" >>"$notes"
}

rounds()
{
	local round name function=$1

	shift
	for ((round = 1; round <= RUNS; round++)); do
		for name in "$@"; do
			echo "round $round of $RUNS: $name" >&2
			"$function" "$name"
		done
	done
}

bench_table()
{
	echo
	tests/bench/table.py "$@" "$samples"
	cat "$notes"
}

# need_commands NAME...: the benchmark ends if one is missing.
need_commands()
{
	local name

	for name in "$@"; do
		command -v "$name" >/dev/null || bench_fail "no $name: scripts/setup bench"
	done
}

# await FILE SECONDS WHAT: like wait_for_file, and the end of the benchmark if it does not come.
await()
{
	wait_for_file "$1" "$2" || bench_fail "$3 is not ready after $2 s"
}

# ready_field FILE KEY: of a ready file, KEY=VALUE separated by blanks or in lines.
ready_field()
{
	tr ' ' '\n' <"$1" | sed -n "s/^$2=//p"
}

# server_start FILE ARGS...: epserver on a free port, into `server` and `port`; FILE is its ready
# file. It ends by itself after SERVER_LIMIT (300) seconds.
server_start()
{
	local file=$1

	shift
	rm -f "$file"
	spawn "$TOOLS/epserver" --listen 127.0.0.1:0 --duration "${SERVER_LIMIT:-300}" \
		--ready-file "$file" "$@" >"$file.out" 2>&1
	await "$file" 20 epserver
	# shellcheck disable=SC2034 # for who sources this
	server=$SPAWNED port=$(ready_field "$file" port)
}

# dashboard_start READY ARGS...: the dashboard in a terminal of 80x24; its process is `dashboard`.
dashboard_start()
{
	local ready=$1

	shift
	rm -f "$ready"
	tmux -L "epscope-bench-$$" -f /dev/null new-session -d -x 80 -y 24 \
		"$EPSCOPE $* --ready-file $ready" || bench_fail "no terminal"
	await "$ready" 20 "the dashboard"
	dashboard=$(ready_field "$ready" pid)
}

# dashboard_end: it is asked to quit, and its terminal ends with it.
dashboard_end()
{
	tmux -L "epscope-bench-$$" send-keys q 2>/dev/null
	until_true 5 is_gone "$dashboard" || tmux -L "epscope-bench-$$" kill-server
}

is_gone()
{
	! [ -e "/proc/$1" ]
}

# cpu_ns PID: time on a CPU, of its user and its system code, of all threads there are.
cpu_ns()
{
	cat "/proc/$1/task/"*/schedstat 2>/dev/null | awk '{ s += $1 } END { printf "%.0f\n", s }'
}

now_ns()
{
	date +%s%N
}

# percent NS NS: so much of that time.
percent()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a * 100 / b }'
}

# lost_events CSV: the sum over its rows of losses.
lost_events()
{
	{ head -n 1 && grep ',lost,'; } <"$1" >"$TMP/lost.csv"
	csv_col "$TMP/lost.csv" lost type=lost | awk '{ s += $1 } END { print s + 0 }'
}
