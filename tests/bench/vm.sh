#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm.sh [NAME...]: benchmarks of the full tier (pingpong, hooks, items) on KERNEL (6.12), booted once,
# pinned to one CPU. In the guest the clocks count instructions, a nanosecond each: what one program
# costs more than another repeats to a percent whatever else this machine does, and is no time of a
# real machine, where cache misses count too. CLOCK=time measures the time of the emulation instead.
# Samples go to build/bench/NAME-KERNEL.csv.
. "$(dirname "$0")/../lib.sh"

KERNEL=${KERNEL:-6.12}
LIMIT=${LIMIT:-1800} # seconds for all
[ $# -gt 0 ] || set -- pingpong hooks items
case ${CLOCK:-instructions} in
instructions)
	options=(--count-instructions)
	echo "clocks of the guest: a nanosecond is an instruction"
	;;
time) options=() ;;
*) echo "vm: CLOCK is instructions or time" >&2 && exit 2 ;;
esac
export LABEL=-$KERNEL${CLOCK:+-$CLOCK} RUNS=${RUNS:-3}
for name in "$@"; do
	[ -x "tests/bench/$name.sh" ] || { echo "vm: no tests/bench/$name.sh" >&2; exit 2; }
done
mkdir -p build/bench
# shellcheck disable=SC2016 # for the shell of the guest
scripts/vm-run -k "$KERNEL" --mem "${MEM:-3072}" --timeout "$LIMIT" --share "$PWD/build/bench" \
	${options[@]+"${options[@]}"} -- taskset 1 bash -c '
		for name in "$@"; do
			"tests/bench/$name.sh" || exit
		done' bash "$@"
