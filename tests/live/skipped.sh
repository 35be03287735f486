#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Programs that the kernel skips: a kprobe that comes in an interrupt while another program, or
# epscope's own reading of a map, is at work on that CPU. Timers expire in the middle of everything;
# what was counted and what was skipped is what happened.
. "$(dirname "$0")/../lib.sh"
need_root skipped

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
full=$(grep -c '^full tier' "$TMP/check")
EXPIRIES=${EXPIRIES:-5000}

# Kernels that tell what a kprobe's link missed also count what they skip of kprobes and tracepoints.
links_tell=$(bpftool btf dump file /sys/kernel/btf/vmlinux format raw |
	grep -A1 "^[[:space:]]*'addr' type_id" | grep -c "'missed' type_id")

# told MECH: whether the kernel counts what it skips of these.
told()
{
	[ "$1" = fentry ] || [ "$links_tell" -gt 0 ]
}

# skipped HOOK: as epscope lists it.
skipped()
{
	csv_col "$out" lost "where=skipped-$1" | awk '{ s += $1 } END { print s + 0 }'
}

counted()
{
	csv_col "$out" "$1" row=summary
}

# skipped_test MECH HOOK...: these hooks by that mechanism, the others off where they can be.
skipped_test()
{
	local mech=$1 hook args="" missing lost

	shift
	for hook in "$@"; do
		args="$args --mech $hook=$mech"
	done
	out=$TMP/$mech
	# shellcheck disable=SC2086 # options
	"$EPSCOPE" stat $args --mech wake=none --mech send=none -i 10ms -o "$out" -- \
		build/tests/wl_timers --setup-after-go --expiries "$EXPIRIES" \
		--truth-file "$TMP/truth" >/dev/null 2>"$TMP/err"
	equal "$mech: ends well" "$? $(cat "$TMP/err")" "0 "
	echo "# $mech: skipped callbacks $(skipped callback), waits $(skipped wait)"
	if [[ " $* " = *" callback "* ]]; then
		missing=$(($(field "$TMP/truth" callbacks) - $(counted callbacks)))
		if told "$mech"; then
			equal "$mech: callbacks that are missing were skipped" \
				"$(skipped callback)" $missing
		elif [ $missing -ge 0 ]; then
			ok "$mech: no callback that did not happen; $missing of $EXPIRIES missing"
		else
			not_ok "$mech: callbacks" "$missing missing"
		fi
	fi
	# A wait whose entry was skipped has no return either.
	missing=$(($(field "$TMP/truth" waits) * 2 - $(counted waits) - $(counted ret_events) -
		$(counted ret_timeout)))
	lost=$(skipped wait)
	told "$mech" || lost=$missing
	if [ $missing -ge "$lost" ] && [ $missing -le $((2 * lost)) ]; then
		ok "$mech: entries and returns that are missing were skipped"
	else
		not_ok "$mech: entries and returns that are missing were skipped" \
			"$missing missing, $lost skipped"
	fi
}

if [ "$full" = 1 ]; then
	skipped_test fentry callback wait
	equal "fentry: nothing skipped" "$(skipped callback)" 0
	skipped_test kprobe callback wait
	if told kprobe && [ "$(skipped callback)" = 0 ]; then
		not_ok "kprobe" "nothing was skipped: the test provokes nothing"
	fi
fi
skipped_test tracepoint wait
