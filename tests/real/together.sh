#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All of the programs at once, each under its load, watched by one epscope -a from their first to
# their last call: what it counts of each is what that counts itself, as if it ran alone. This is
# also what runs in a VM, with a smaller COUNT: one start of epscope for all of them. REAL names the
# programs. With PLAIN=yes each also runs without epscope, and its client must see the same: natively
# the program's own script shows that.
. "$(dirname "$0")/../lib-real.sh"
programs=${REAL:-redis nginx reuseport memcached haproxy node asyncio libevent libuv dbus}
# Debian's haproxy is built for processors with cmpxchg16b, which is switched off in the VMs, since
# QEMU 7.2 gets it wrong (scripts/vm_machine.py).
grep -qw cx16 /proc/cpuinfo || programs=${programs/haproxy/}
for name in $programs; do
	[ "$name" != reuseport ] || continue # nginx's
	# shellcheck source=/dev/null # checked as scripts of their own
	. "tests/real/$name.sh"
done

# All are watched from their first call, and each worker of an nginx may lose one event; see nginx.sh.
# shellcheck disable=SC2034 # read there
nginxes=$(echo "$programs" | tr ' ' '\n' | grep -cx 'nginx\|reuseport')

# step FUNCTION: with the time, for those who look for what is slow.
step()
{
	echo "# $1 after $SECONDS s"
	"$1"
}

start_all()
{
	local name

	for name in $programs; do
		run_dir "$name"
		"${name}_command"
		counted
		spawn "${counting[@]}" >"$dir/out" 2>&1
		main=$SPAWNED
		state_save "$name"
	done
	for name in $programs; do
		state_load "$name"
		until_true 90 "${name}_ready" ||
			not_ok "$name together" "it does not answer: $(tail -n 3 "$dir/out")"
		state_save "$name"
	done
}

load_all()
{
	local name pids=() i=0

	for name in $programs; do
		state_load "$name"
		spawn "${name}_load" >"$dir/loading" 2>&1
		pids+=("$SPAWNED")
	done
	for name in $programs; do
		state_load "$name"
		wait "${pids[i++]}" || not_ok "$name together" "its load failed: $(cat "$dir/loading")"
		cat "$dir/loading"
	done
}

quiet_all()
{
	local name

	for name in $programs; do
		state_load "$name"
		quiet_take "$name"
		state_save "$name"
	done
	for name in $programs; do
		state_load "$name"
		quiet_check "$name" "$TMP/csv"
	done
	for name in $programs; do
		state_load "$name"
		program_stop "$name"
		wait "$main"
	done
}

compare_all()
{
	local name

	sums_of "$TMP/csv"
	for name in $programs; do
		state_load "$name"
		lossy=unattributed # of all processes, also of those that the test knows nothing of
		totals_check "$name"
		[ "${PLAIN-}" != yes ] || same_results "$name"
		compare "$name"
	done
}

plain_all()
{
	local name

	for name in $programs; do
		plain "$name"
	done
}

check_take "$TMP/check" || { not_ok "together" "epscope check failed"; exit 1; }
[ "${PLAIN-}" != yes ] || step plain_all
dir=$TMP
epscope_start -a
wait_for_file "$TMP/attached" 90 || not_ok "together" "epscope did not attach: $(cat "$TMP/err")"
step start_all
step load_all
step quiet_all
kill -INT "$tracer"
wait "$tracer" || not_ok "together" "epscope ended with $?: $(cat "$TMP/err")"
step compare_all
