#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every mechanism of every hook that this kernel has gives the same numbers, and what no mechanism
# can know is empty. Several epscopes look at the same run of the workloads, each with other
# mechanisms forced and the rest as the plan has them.
. "$(dirname "$0")/../lib.sh"
need_root mechanisms

"$EPSCOPE" check >"$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
full=no
grep -q '^full tier' "$TMP/check" && full=yes

# What a mechanism is worth: the tier of its hook.
declare -A tier=([fentry]=full [kprobe]=full [multi]=full [iter]=full [passes]=full [array]=full
	[tracepoint]=basic [lookup]=basic [derived]=basic [snapshot]=basic [none]=none)

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

# tracers_start CASE...: an epscope each; those that attached stay in cases and tracers.
tracers_start()
{
	local list case dir i

	list=$(IFS=, && echo "${wl_pids[*]}")
	for case in "$@"; do
		dir=$round/$case
		mkdir -p "$dir"
		# shellcheck disable=SC2046 # several options are meant
		spawn "$EPSCOPE" stat -p "$list" -i 500ms -o "$dir/csv" \
			--ready-file "$dir/attached" $(case_options "$case") 2>"$dir/err"
		cases+=("$case")
		tracers+=("$SPAWNED")
	done
	for i in "${!cases[@]}"; do
		until [ -e "$round/${cases[i]}/attached" ]; do
			if ! still_ours "${tracers[i]}"; then
				refused "${cases[i]}" "${tracers[i]}"
				unset "cases[i]" "tracers[i]"
				break
			fi
			sleep 0.05
		done
	done
}

# refused CASE PID: a kernel without function probes has none of these mechanisms, and says so.
refused()
{
	local status message

	wait "$2"
	status=$?
	message=$(head -1 "$round/$1/err")
	if [ $status = 4 ] && [ $full = no ] && [[ $1 == *fentry* || $1 == *kprobe* ]] &&
		[[ $message == *"no kprobes"* || $message == *"no function probes"* ]]; then
		ok "mechanism $1 refused: ${message#epscope: }"
	else
		not_ok "mechanism $1" "epscope ended with $status: $message"
	fi
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
		echo "--tier ${pair%%=*}=${tier[${pair#*=}]}"
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
	destroy=none* | snapshot=none) skip_keys=destroys,instances,items ;;
	esac
}

# case_compare CASE: every workload; a line for all, and one for each that differs.
case_compare()
{
	local i name case=$1 skip_keys='' skip_names='' lossy='' runs=()

	case_limits "$case"
	for i in "${!names[@]}"; do
		name=${names[i]}
		case $skip_names in *" $name "*) continue ;; esac
		runs+=("$name:${wl_pids[i]}:$round/$name/truth")
	done
	# shellcheck disable=SC2046 # several options are meant
	if tests/truth.py --name "mechanism $case:" --csv "$round/$case/csv" --check "$TMP/check" \
		--skip "$skip_keys" --lossy "$lossy" $(case_tiers "$case") "${runs[@]}" \
		>"$round/$case/lines"; then
		ok "mechanism $case: ${#runs[@]} workloads equal"
	else
		grep '^not ok' "$round/$case/lines"
		failures=$((failures + 1))
	fi
}

# round_run NAME WHEN CASE...: all cases under the same workloads.
round_run()
{
	local round=$TMP/$1 when=$2 names=() wl_pids=() cases=() tracers=() i name

	shift 2
	mkdir -p "$round"
	workloads_start
	tracers_start "$@"
	for name in "${names[@]}"; do
		: >"$round/$name/go"
		wait_for_file "$round/$name/truth" 60 ||
			not_ok "workload $name" "no truth: $(cat "$round/$name/err")"
	done
	for i in "${!cases[@]}"; do
		kill -INT "${tracers[i]}"
		wait "${tracers[i]}" ||
			not_ok "mechanism ${cases[i]}" "ended: $(cat "$round/${cases[i]}/err")"
		case_compare "${cases[i]}"
	done
	kill "${wl_pids[@]}"
}

every=create=T,ctl=T,callback=T,wake=T,send=T,wait=T,release=T,destroy=T,item=T
round_run all "" all=kprobe all=tracepoint tier=basic "${every//T/fentry}"
round_run mixed "" create=kprobe,callback=kprobe,send=kprobe,item=kprobe \
	ctl=kprobe,wake=kprobe,release=kprobe,wait=kprobe,destroy=kprobe snapshot=passes \
	create=tracepoint,wake=tracepoint,item=lookup,exit=tracepoint,deliver=array,snapshot=iter \
	ctl=tracepoint,send=derived,wait=tracepoint,destroy=snapshot
round_run none "" create=none ctl=none callback=none,release=none wake=none,item=none \
	send=none,exit=none wait=none destroy=none,deliver=none
# Without snapshots only instances made under observation are known from their beginning.
round_run made --setup-after-go snapshot=none
