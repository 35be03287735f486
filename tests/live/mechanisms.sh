#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every mechanism of every hook that this kernel has gives the same numbers, and what no mechanism
# can know is empty; what it has not is refused. Several epscopes look at the same run of the
# workloads, each with other mechanisms forced. Which there are is what `epscope check` says.
. "$(dirname "$0")/../lib.sh"
need_root mechanisms

SEED=${SEED:-$((SRANDOM % 1000000 + 1))}

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
"$EPSCOPE" check --format csv >"$TMP/mechs" || { not_ok "check" "no rows"; exit 1; }
full=no
grep -q '^full tier' "$TMP/check" && full=yes

# mechs COLUMN AWK_CONDITION: of those rows; the columns needed here are never quoted.
mechs()
{
	awk -F, -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ hook = $at["hook"]; kind = $at["mechanism"]; use = $at["use"]
		  there = use == "chosen" || use == "there" }
		'"$2"' { print $at[want] }' "$TMP/mechs"
}

# level_case N STEP: a case of the Nth mechanism of each hook, STEP further from hook to hook.
level_case()
{
	local n=$1 hook kinds pairs=()

	for hook in $(mechs hook '!seen[hook]++'); do
		mapfile -t kinds < <(mechs mechanism "there && hook == \"$hook\" && kind != \"fdinfo\"")
		[ ${#kinds[@]} -gt 0 ] || continue
		pairs+=("$hook=${kinds[n % ${#kinds[@]}]}")
		n=$((n + $2))
	done
	(IFS=, && echo "${pairs[*]}")
}

# Each pair of hook and mechanism that can be had is in one of the cases.
all_covered()
{
	local pair left=

	for pair in $(mechs hook there | paste -d= - <(mechs mechanism there)); do
		case ",$(IFS=, && echo "$*")," in
		*",$pair,"*) ;;
		*) left="$left $pair" ;;
		esac
	done
	equal "mechanisms left untested" "$left" ""
}

# What cannot be had is refused, with the reason and the status for it.
missing_refused()
{
	local pair status

	for pair in $(mechs hook '!there' | paste -d= - <(mechs mechanism '!there') | sort -u); do
		# 5.10 and the rest have the same word for different functions
		[ -z "$(mechs use "there && hook \"=\" kind == \"$pair\"")" ] || continue
		run_limited 60 "$EPSCOPE" stat -p $$ -c 1 --mech "$pair" >/dev/null 2>"$TMP/err"
		status=$?
		if [ $status = 4 ] && grep -q -e "^epscope: --mech $pair: ." "$TMP/err"; then
			ok "mechanism $pair refused: $(sed 's/^epscope: //' "$TMP/err")"
		else
			not_ok "mechanism $pair is refused" "status $status: $(head -1 "$TMP/err")"
		fi
	done
}

# workload NAME PROGRAM ARGS...: starts one that waits for its go.
workload()
{
	local dir=$round/$1 program=$2

	names+=("$1")
	mkdir -p "$dir"
	shift 2
	# shellcheck disable=SC2086 # an option or none
	spawn "build/tests/$program" "$@" $when --ready-file "$dir/ready" --go-file "$dir/go" \
		--truth-file "$dir/truth" --hold 120 >/dev/null 2>"$dir/err"
	wl_pids+=("$SPAWNED")
}

workloads_start()
{
	workload counts wl_counts --rounds 20 --mods 1
	workload errors wl_counts --rounds 1 --errors
	workload herd wl_herd --threads 3 --events 5
	workload close wl_items --items 20 --ready 5 --close 7 --dup-close 2
	workload overflow wl_overflow --rounds 3 --again 1
	workload create wl_create --instances 12 --live 3
	workload random wl_random --seed "$SEED" --calls 1500 --items-file "$round/random/items"
	for name in "${names[@]}"; do
		wait_for_file "$round/$name/ready" 30 ||
			not_ok "workload $name" "not ready: $(cat "$round/$name/err")"
	done
}

case_options()
{
	case $1 in
	tier=*) echo "--tier ${1#tier=}" ;;
	*) echo "--mech ${1//,/ --mech }" ;;
	esac
}

# tracers_start CASE...: an epscope each; those that attached are in cases and tracers.
tracers_start()
{
	local list case dir i

	list=$(IFS=, && echo "${wl_pids[*]}")
	for case in "$@"; do
		dir=$round/$case
		mkdir -p "$dir"
		# shellcheck disable=SC2046,SC2086 # several options are meant
		spawn "$EPSCOPE" stat -p "$list" $items -i 500ms -o "$dir/csv" \
			--ready-file "$dir/attached" $(case_options "$case") 2>"$dir/err"
		cases+=("$case")
		tracers+=("$SPAWNED")
	done
	for i in "${!cases[@]}"; do
		until [ -e "$round/${cases[i]}/attached" ]; do
			if ! still_ours "${tracers[i]}"; then
				not_ok "mechanism ${cases[i]}" "$(head -1 "$round/${cases[i]}/err")"
				unset "cases[i]" "tracers[i]"
				break
			fi
			nap 0.05
		done
	done
}

# case_tiers CASE: options of tests/truth.py that say what the tiers are then.
case_tiers()
{
	local pair

	case $1 in
	tier=basic | all=tracepoint)
		# shellcheck disable=SC2046 # several options are meant
		"$EPSCOPE" check $(case_options "$1") |
			awk '$2 ~ /^(full|basic|none)$/ { print "--tier", $1 "=" $2 }'
		return
		;;
	all=*) return ;; # only function probes where the plan has them anyway
	esac
	for pair in ${1//,/ }; do
		case $pair in
		*=none) echo "--tier $pair" ;;
		*) echo "--tier ${pair%%=*}=$(mechs tier "hook \"=\" kind == \"$pair\"" | head -1)" ;;
		esac
		# Who is woken, and which scan is a wait's, is told by the wait that runs.
		[ "$pair" != wait=none ] || echo "--tier wake=none --tier send=none"
	done
}

# case_limits CASE: what else is not known then.
case_limits()
{
	case $1 in
	# An instance made under observation counts from its first snapshot.
	create=none) skip_names=" errors create " ;;
	# What a new item delivers cannot be told from its user data; in the basic tier neither
	# can whether it was put back.
	ctl=none)
		lossy=unattributed
		[ $full = yes ] || skip_keys=put_back
		;;
	destroy=none* | snapshot=none | snapshot=fdinfo) skip_keys=destroys,instances,items ;;
	esac
}

# tier_of HOOK TIERS: where the output of case_tiers says it, else of `epscope check`.
tier_of()
{
	case " ${2//$'\n'/ } " in
	*" $1="*) set -- "${2##* "$1"=}" && echo "${1%%[!a-z]*}" ;;
	*) awk -v hook="$1" '$1 == hook { print $2 }' "$TMP/check" ;;
	esac
}

# case_items CASE TIERS: what the items of wl_random are in the end, and what happened to each.
case_items()
{
	local case=$1 unknown=''

	[ "$(tier_of callback "$2")" = full ] || unknown=callbacks
	[ "$(tier_of item "$2")" = full ] || unknown=$unknown,queues
	tests/items.py --name "mechanism $case: items" --csv "$round/$case/csv" \
		--tgid "$random_pid" --unknown "$unknown" "$round/random/items" || failures=$((failures + 1))
}

# case_compare CASE: every workload; a line for all, and one for each that differs. A kprobe or a
# tracepoint of perf does not run while the same CPU is in another program or in a bpf(2) call, into
# which interrupts come and, with lazy preemption, other threads: epscope says so in a row skipped-*.
# The next round then tells, without those that are done with.
case_compare()
{
	local i name case=$1 skip_keys='' skip_names='' lossy='' runs=() tiers

	case_limits "$case"
	for i in "${!names[@]}"; do
		name=${names[i]}
		case $skip_names in *" $name "*) continue ;; esac
		runs+=("$name:${wl_pids[i]}:$round/$name/truth")
	done
	if [ "$try" -lt $SKIPPED_TRIES ] && skipped_in "$round/$case/csv" row=lost; then
		echo "# mechanism $case: skipped calls in round $try"
		again+=("$case")
		return
	fi
	tiers=$(case_tiers "$case")
	[ -z "$items" ] || case_items "$case" "$tiers"
	# shellcheck disable=SC2086 # several options are meant
	if tests/truth.py --name "mechanism $case:" --csv "$round/$case/csv" --check "$TMP/check" \
		--skip "$skip_keys" --lossy "$lossy" $tiers "${runs[@]}" \
		>"$round/$case/lines"; then
		ok "mechanism $case: ${#runs[@]} workloads equal"
	else
		grep '^not ok' "$round/$case/lines"
		failures=$((failures + 1))
	fi
}

# round_run WHEN CASE...: all cases under the same workloads; those to be tried again are in again.
round_run()
{
	local round=$TMP/$((++rounds)) when=$1 names=() wl_pids=() cases=() tracers=() i name random_pid

	shift
	again=()
	mkdir -p "$round"
	workloads_start
	tracers_start "$@"
	for name in "${names[@]}"; do
		: >"$round/$name/go"
		wait_for_file "$round/$name/truth" 60 ||
			not_ok "workload $name" "no truth: $(cat "$round/$name/err")"
	done
	random_pid=${wl_pids[-1]}
	[ -z "$items" ] || nap 1.2 # two intervals: a whole one after the last call
	for i in "${!cases[@]}"; do
		kill -INT "${tracers[i]}"
		wait "${tracers[i]}" ||
			not_ok "mechanism ${cases[i]}" "ended: $(cat "$round/${cases[i]}/err")"
		case_compare "${cases[i]}"
	done
	kill "${wl_pids[@]}"
}

# rounds_run WHEN CASE...: until all cases are told.
rounds_run()
{
	local when=$1 again try

	shift
	again=("$@")
	for ((try = 1; try <= SKIPPED_TRIES && ${#again[@]}; try++)); do
		round_run "$when" "${again[@]}"
	done
}

echo "# SEED=$SEED"
rounds=0
items=--items # or empty: not compared
most=$(mechs hook there | uniq -c | awk '$1 > n { n = $1 } END { print n }')
mapfile -t plain < <(for ((n = 0; n < most; n++)); do level_case $n 0; done | sort -u)
mapfile -t mixed < <(for ((n = 0; n < most; n++)); do level_case $n 1; done | sort -u)
all_covered "${plain[@]}" snapshot=fdinfo
missing_refused
rounds_run "" "${plain[@]}" tier=basic
mapfile -t mixed < <(printf '%s\n' "${mixed[@]}" | grep -vxF "$(printf '%s\n' "${plain[@]}")")
[ ${#mixed[@]} = 0 ] || rounds_run "" "${mixed[@]}"
items=
rounds_run "" create=none ctl=none callback=none,release=none wake=none,item=none \
	send=none,exit=none wait=none destroy=none,deliver=none
# Only an iterator knows instances from their beginning that were not made under observation.
rounds_run --setup-after-go snapshot=none snapshot=fdinfo
