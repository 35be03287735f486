#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels.sh [ci|all|NAME...]: the same suite with the same program on several kernels, three VMs at
# a time: each keeps a core busy, but for a third of its time. Without an argument those that CI runs.
# With all, README.md's table of mechanisms is written anew, else it is compared with what they have.
. "$(dirname "$0")/../lib.sh"
need_root kernels

AT_ONCE=3
# One program for all of them, see tests/vm/guest
SHA256=$(sha256sum <"$EPSCOPE")
export SHA256

# listed PATTERN: names in the list whose mark matches.
listed()
{
	awk -v mark="$1" '!/^#/ && NF && $2 ~ mark { print $1 }' tests/vm/kernels.list
}

# progress TEXT: to whoever watches tests/run, which shows a script's own output at its end.
progress()
{
	{ echo "# $1" >&3; } 2>/dev/null
}

# kernel NAME: the whole run of one, its output in a file.
kernel()
{
	local begin=$SECONDS out=$TMP/$1 status

	tests/vm/on-kernel "$1" >"$out" 2>&1
	status=$?
	# A run that ends badly has said so in a line; this is for one that could not.
	[ $status = 0 ] || grep -q '^not ok' "$out" ||
		echo "not ok run: tests/vm/on-kernel ended with $status" >>"$out"
	echo "# $((SECONDS - begin)) s" >>"$out"
	progress "kernel $1: $(grep -c '^ok' "$out") passed, $(grep -c '^not ok' "$out") failed," \
		"$((SECONDS - begin)) s"
}

case ${1-ci} in
ci)
	mapfile -t names < <(listed ci)
	export ONLY_LISTED=1
	;;
all) # those that take longest first
	mapfile -t names < <(listed faults && listed losses && listed '^[^fl]*$')
	;;
*) names=("$@") ;;
esac
for name in "${names[@]}"; do
	[ "$(jobs -pr | wc -l)" -lt $AT_ONCE ] || wait -n
	spawn kernel "$name"
done
wait
for name in "${names[@]}"; do
	sed -E "s/^(ok|not ok|skip) /\1 $name: /; t; s/^#/# $name:/" "$TMP/$name"
	! grep -q '^not ok' "$TMP/$name" || failures=$((failures + 1))
done
if [ "${1-ci}" != all ]; then
	scripts/kernel-table --check "${names[@]}" || failures=$((failures + 1))
elif scripts/kernel-table; then
	ok "README's table is written"
else
	not_ok "README's table" "see above"
fi
