#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Little memory: epscope works exactly, or says in one line that it cannot, and leaves nothing behind.
# For a machine of our own: others would suffer.
. "$(dirname "$0")/../lib.sh"
need_root memory

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
progs=$(bpftool prog list | grep -c name)

exact=0 # how often it was
# killed [GROUP]: how many processes the kernel has ended for memory, there or at all.
killed()
{
	if [ -n "${1-}" ]; then
		sed -n 's/^oom_kill //p' "$1/memory.events"
	else
		sed -n 's/^oom_kill //p' /proc/vmstat
	fi
}

# exact_or_refused NAME [GROUP]: a herd under observation, in that group of processes.
exact_or_refused()
{
	local name=$1 status target began=$SECONDS took before

	before=$(killed "${2-}")
	rm -f "$TMP/csv" "$TMP/truth"
	(
		[ -z "${2-}" ] || echo $BASHPID >"$2/cgroup.procs" || exit
		run_limited 90 "$EPSCOPE" stat -i 50ms -o "$TMP/csv" -- build/tests/wl_herd \
			--threads 4 --events 50 --setup-after-go --truth-file "$TMP/truth"
	) >/dev/null 2>"$TMP/err"
	status=$?
	took=$((SECONDS - began))
	target=$(csv_col "$TMP/csv" tgid row=summary 2>/dev/null | sort -u)
	if [ $status = 0 ] && [ -s "$TMP/truth" ]; then
		tests/truth.py --name "$name" --csv "$TMP/csv" --check "$TMP/check" \
			--skip instances,items,creates,destroys "herd:$target:$TMP/truth" ||
			failures=$((failures + 1))
		exact=$((exact + 1))
	elif { [ $status = 137 ] && [ $took -lt 90 ] && [ "$(killed "${2-}")" -gt "$before" ]; } ||
		[ "$(grep -c '^epscope: .*emory' "$TMP/err")" = 1 ]; then
		ok "$name: status $status, $(head -1 "$TMP/err")"
	else
		not_ok "$name" "status $status, $(head -3 "$TMP/err")"
	fi
	equal "$name: no program is left" "$(programs_left)" "$progs"
}

# The kernel frees them a moment later.
programs_left()
{
	local i

	for ((i = 0; i < 100; i++)); do
		[ "$(bpftool prog list | grep -c name)" = "$progs" ] && break
		nap 0.1
	done
	bpftool prog list | grep -c name
}

available()
{
	awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo
}

# When the kernel kills for memory it is no fault here: see scripts/vm_log.py.
echo "epscope-test: no memory" >/dev/kmsg

# More than the machine has.
run_limited 60 "$EPSCOPE" stat -p $$ -c 1 --max-items 16777216 --max-instances 16777216 \
	>"$TMP/out" 2>"$TMP/err"
equal "maps larger than memory: status, lines" "$? $(grep -c . "$TMP/err")" "1 1"
grep -q 'Cannot allocate memory.*--max' "$TMP/err" ||
	not_ok "maps larger than memory" "does not say what to do: $(cat "$TMP/err")"

mkdir "$TMP/cgroup"
if mount -t cgroup2 none "$TMP/cgroup" && echo +memory >"$TMP/cgroup/cgroup.subtree_control" &&
	mkdir "$TMP/cgroup/small"; then
	# Its maps count too, from 5.11 on.
	for mb in 8 24 48; do
		echo $((mb << 20)) >"$TMP/cgroup/small/memory.max"
		exact_or_refused "a group of $mb MB" "$TMP/cgroup/small"
	done
else
	not_ok "a group with little memory" "no cgroup2 with a memory controller"
fi
rmdir "$TMP/cgroup/small"
umount "$TMP/cgroup"

# The whole machine: all but what it takes to start a program, as files in memory.
mkdir "$TMP/hog"
mount -t tmpfs -o size=100% none "$TMP/hog"
for left in 96 48; do
	head -c "$((($(available) - left) << 20))" /dev/zero >>"$TMP/hog/file" 2>/dev/null
	exact_or_refused "$left MB left ($(available) MB)"
done
umount "$TMP/hog"
[ $exact -gt 0 ] || not_ok "little memory" "it never was enough"
exact=0
exact_or_refused "with memory again"
equal "with memory again it works" $exact 1
echo "epscope-test: memory again" >/dev/kmsg
