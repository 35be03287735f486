#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SIGKILL at random moments. Of the target: epscope ends with a documented status and whole rows, the
# last of which tell the end of every instance. Of epscope itself, also while it loads and attaches:
# no program, map or link stays, the target works on by its own counts, and the next epscope works.
# KILLS=N kills of each kind (200; a start takes seconds under emulation); SEED repeats a run.
. "$(dirname "$0")/../lib.sh"
need_root kill

command -v bpftool >/dev/null || { skip kill "bpftool is missing: scripts/setup test"; exit 0; }
KILLS=${KILLS:-200}
SECONDS_EACH=${SECONDS_EACH:-140} # of each kind; fewer kills by then are a failure
EACH=4 # targets that one epscope watches, epscopes at a time
SEED=${SEED:-$(($(date +%s%N) / 1000 % 1000000007))}
RANDOM=$((SEED % 32768))
echo "# SEED=$SEED KILLS=$KILLS"

# A target that works all the time, checks what it gets, and leaves the machine to others.
quiet=(--rounds 1000000 --sleep-ms 1 --busy-ms 0 --timeout-ms 1)

# How long from the start to the first rows, in ms: what the moments are spread over.
start=${EPOCHREALTIME/./}
"$EPSCOPE" stat -a -i 50ms -c 1 >"$TMP/first" || not_ok "kill" "epscope does not work"
span=$(((${EPOCHREALTIME/./} - start) / 1000))

# pause_random: from 0 to one and a half of that.
pause_random()
{
	local ms=$(((RANDOM * 32768 + RANDOM) % (span * 3 / 2 + 1)))

	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

# ids PID: what the process holds, a line "prog 12" for each program, map, link and BTF.
ids()
{
	sed -n 's/^\(prog\|map\|link\|btf\)_id:[[:space:]]*\([0-9]*\)$/\1 \2/p' \
		"/proc/$1"/fdinfo/* 2>/dev/null
}

# ids_all: what the kernel has, as ids.
ids_all()
{
	local kind

	for kind in prog map link btf; do
		bpftool $kind list | sed -n "s/^\\([0-9]*\\): .*/$kind \\1/p"
	done | sort
}

# ids_left: how many of $TMP/ids the kernel still knows, once it has had time to drop them.
ids_left()
{
	local i

	for ((i = 0; i < 100; i++)); do
		ids_all >"$TMP/now"
		comm -12 "$TMP/ids" "$TMP/now" >"$TMP/left"
		[ -s "$TMP/left" ] || break
		nap 0.1
	done
	wc -l <"$TMP/left"
}

# Traces of other tracers' kind: probes by name, mounts, pinned objects.
traces()
{
	cat /proc/mounts
	cat /sys/kernel/tracing/kprobe_events /sys/kernel/debug/kprobes/list 2>/dev/null |
		sed 's/[[:space:]].*0x[0-9a-f]*//'
	find /sys/fs/bpf -mindepth 1 2>/dev/null | sort
}

# csv_whole FILE: ends with a line break, and each row has as many fields as the header.
csv_whole()
{
	[ ! -s "$1" ] && return
	[ -z "$(tail -c 1 "$1")" ] &&
		awk -F, 'BEGIN { OFS = FS } { gsub(/"[^"]*"/, "x") }
			NR == 1 { n = NF } NF != n { exit 1 }' "$1"
}

# targets_die I COMMAND: $EACH targets that are killed while that runs; what is wrong goes to stdout.
targets_die()
{
	local i status ended targets=() killers=() rows=$TMP/rows

	for ((i = 0; i < EACH; i++)); do
		build/tests/wl_sleep "${quiet[@]}" >/dev/null 2>&1 &
		targets+=("$!")
		(RANDOM=$((SEED + $1 + i)) && pause_random && kill -KILL "${targets[i]}") &
		killers+=("$!")
	done
	run_limited 60 "$EPSCOPE" "$2" -p "$(IFS=, && echo "${targets[*]}")" -i 50ms --format csv \
		-o "$rows" 2>"$TMP/err"
	status=$?
	wait "${killers[@]}" "${targets[@]}" 2>/dev/null
	case $status:$(grep -c . "$TMP/err") in
	0:0) ;;
	5:1) return ;; # one had ended before it could be watched
	*) echo "kill $1 under $2: status $status, $(head -2 "$TMP/err")" && return ;;
	esac
	csv_whole "$rows" || echo "kill $1 under $2: rows are cut off"
	[ "$2" = stat ] || return
	# Each instance that ever had a row has its last one, and it is an ended one's.
	ended=$(csv_col "$rows" instance row=interval | sort -un | paste -sd' ')
	[ "$(csv_col "$rows" instance row=summary | sort -n | paste -sd' ')" = "$ended" ] ||
		echo "kill $1: instances $ended, not all have a summary"
	[ -z "$(csv_col "$rows" instance row=summary died_ns=)" ] ||
		echo "kill $1: an instance without an end"
}

case_targets()
{
	local i end=$((SECONDS + SECONDS_EACH)) bad="" commands=(stat trace stat)

	for ((i = 0; i < KILLS && SECONDS < end; i += EACH)); do
		bad=$bad$(targets_die $i "${commands[i / EACH % 3]}")
		[ -z "$bad" ] || break
	done
	[ -n "$bad" ] || [ $i -ge "$KILLS" ] ||
		not_ok "$KILLS targets killed" "only $i in $SECONDS_EACH s"
	equal "$i targets killed" "$bad" ""
}

# Stopped first, so that what it holds can be read at the very moment.
epscope_dies()
{
	local pid commands=("stat -i 50ms" "trace" "record" "tree -c 1000" "stat --tier basic")

	RANDOM=$((SEED + $1))
	# shellcheck disable=SC2086 # a command and its options
	"$EPSCOPE" ${commands[$1 % 5]} -p "$2" -o "$TMP/rows.$1" --ready-file "$TMP/rows.$1.ready" \
		2>/dev/null &
	pid=$!
	# One of each lot has attached everything, the others are wherever they are by then
	if [ $(($1 % EACH)) = 0 ]; then
		wait_for_file "$TMP/rows.$1.ready" 60
	else
		pause_random
	fi
	kill -STOP $pid 2>/dev/null
	ids $pid >>"$TMP/held"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
}

case_epscope()
{
	local i one target end=$((SECONDS + SECONDS_EACH)) what dying=()

	traces >"$TMP/traces.before"
	ids_all >"$TMP/ids.before" # the BTF of the kernel's modules is read, not made
	spawn build/tests/wl_sleep "${quiet[@]}" 2>"$TMP/target" >/dev/null
	target=$SPAWNED
	: >"$TMP/held"
	# Several at a time: the kernel takes a second to detach what one has attached
	for ((i = 0; i < KILLS && SECONDS < end; i += EACH)); do
		for ((one = i; one < i + EACH; one++)); do
			epscope_dies $one "$target" &
			dying+=("$!")
		done
		wait "${dying[@]}"
		dying=()
		rm -f "$TMP"/rows.*
	done
	[ $i -ge "$KILLS" ] || not_ok "$KILLS times killed" "only $i in $SECONDS_EACH s"
	what=$i
	sort -u "$TMP/held" | comm -23 - "$TMP/ids.before" >"$TMP/ids"
	if [ "$(cut -d' ' -f1 "$TMP/ids" | sort -u | paste -sd' ')" = "btf link map prog" ]; then
		ok "$what killed: they held $(wc -l <"$TMP/ids") programs, maps, links"
	else
		not_ok "$what killed" "never while anything was attached: $(head -3 "$TMP/ids")"
	fi
	equal "$what killed: what is left of these" "$(ids_left) $(head -3 "$TMP/left")" "0 "
	equal "$what killed: probes, mounts, pinned objects" \
		"$(traces | diff "$TMP/traces.before" -)" ""
	# It ends by itself as soon as a wait does not return what it must.
	still_ours "$target" || not_ok "$what killed: target" "$(cat "$TMP/target")"
	next_works
	end_spawned "$target"
}

# The next one counts right, by the workload's own counts.
next_works()
{
	check_take "$TMP/check"
	"$EPSCOPE" stat -i 100ms -o "$TMP/next" -- build/tests/wl_counts --setup-after-go \
		--truth-file "$TMP/next.truth" >/dev/null 2>"$TMP/err"
	equal "the next one ends well" "$? $(cat "$TMP/err")" "0 "
	# The instance has ended with the program: what it holds then is not compared.
	tests/truth.py --name "the next one" --csv "$TMP/next" --check "$TMP/check" \
		--skip instances,items,creates,destroys \
		"counts:$(csv_col "$TMP/next" tgid row=summary):$TMP/next.truth" ||
		failures=$((failures + 1))
}

for part in ${CASES:-targets epscope}; do
	"case_$part"
done
[ $failures = 0 ]
