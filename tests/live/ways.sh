#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every way into the kernel's epoll gives the same figures: all variants of the system calls, by
# 64-bit and by 32-bit code, in a 32-bit process, and io_uring, whoever works for the ring. In each
# tier.
# shellcheck source=tests/lib-workloads.sh
. "$(dirname "$0")/../lib-workloads.sh"
need_root ways

ways="glibc-wait glibc-pwait glibc-pwait2 raw-wait raw-pwait raw-pwait2 int80-wait int80-pwait
	int80-pwait2 32bit-wait 32bit-pwait 32bit-pwait2 uring uring-async uring-sqpoll"

workloads_start()
{
	local way

	for way in $ways; do
		workload "$way" wl_ways --way "$way"
	done
}

# kernel_has SYMBOL
kernel_has()
{
	grep -q " $1\$" /proc/kallsyms
}

# Whether this kernel runs 32-bit code: some are started without, and some hosts cannot.
runs_32bit()
{
	build/tests/wl_ways32 2>/dev/null
	[ $? != 126 ]
}

# Only a call that the kernel does not have may be missing.
workload_absent()
{
	if [[ $1 == int80-* || $1 == 32bit-* ]] && ! runs_32bit; then
		skip "way $1" "this kernel runs no 32-bit code"
	elif [[ $1 == *-pwait2 ]] && ! kernel_has __x64_sys_epoll_pwait2; then
		ok "way $1: this kernel has no epoll_pwait2"
	else
		not_ok "way $1" "$2"
	fi
}

# The rings waited through io_uring where the kernel can.
uring_check()
{
	local want=0 way

	kernel_has io_epoll_wait && want=1
	for way in uring uring-async uring-sqpoll; do
		equal "$1 $way: waits through io_uring" "$(field "$TMP/$1/$way/truth" uring_wait)" $want
	done
}

# Whether the kernel says of which request a completion is: not before 6.0, and then the basic tier
# cannot see what goes through io_uring.
uring_named()
{
	# shellcheck disable=SC2016 # for the shell that has mounts of its own
	unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
		grep -qw req /sys/kernel/tracing/events/io_uring/io_uring_complete/format'
}

round_run before ""
uring_check before
round_run made --setup-after-go
if grep -q '^full tier' "$TMP/before/check"; then
	for mech in fentry kprobe; do
		! forced_plan all=$mech "$TMP/before/check" >/dev/null ||
			round_run $mech "" --mech all=$mech
	done
	# Where tracepoints run preemptibly (7.x), a program that is preempted is skipped meanwhile for
	# all that its CPU does: the kernel counts how often. So the figures are off by that at most.
	truth_options=--skips
	uring_named || ways=${ways%% uring *}
	round_run basic "" --tier basic
fi
