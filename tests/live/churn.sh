#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Four threads add and remove items as fast as they can while many snapshots are taken: each is the
# truth or is marked as torn; tests/churn.py knows what was there when. The registrations counted are
# those that the workload made, and afterwards the tree is what fdinfo says.
. "$(dirname "$0")/../lib.sh"
need_root churn

ITEMS=${ITEMS:-300}
OWN=32
check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

# churn_test NAME SECONDS EXACT OPTIONS...
churn_test()
{
	local name=$1 seconds=$2 exact=$3 dir=$TMP/$1 target tracer epfd still

	shift 3
	mkdir -p "$dir"
	spawn build/tests/wl_churn --items "$ITEMS" --own $OWN --duration "$seconds" --log "$dir/rounds" \
		--ready-file "$dir/ready" --go-file "$dir/go" --truth-file "$dir/truth" --hold 100 \
		>/dev/null
	target=$SPAWNED
	wait_for_file "$dir/ready" 20 || { not_ok "churn $name" "workload not ready"; return; }
	epfd=$(tr ' ' '\n' <"$dir/ready" | field /dev/stdin epfds)
	still=$(sed -n 's/^tfd: *\([0-9]*\) .*/\1/p' "/proc/$target/fdinfo/$epfd" | paste -sd,)
	spawn "$EPSCOPE" stat -p "$target" --items -i 50ms -o "$dir/csv" "$@" \
		--ready-file "$dir/attached" 2>"$dir/err"
	tracer=$SPAWNED
	wait_for_file "$dir/attached" 60 || { not_ok "churn $name" "$(cat "$dir/err")"; return; }
	: >"$dir/go"
	wait_for_file "$dir/truth" 60 || not_ok "churn $name" "no truth"
	cat "/proc/$target/fdinfo/$epfd" >"$dir/fdinfo"
	kill -INT "$tracer"
	wait "$tracer" || not_ok "churn $name" "epscope ended with $?: $(cat "$dir/err")"
	tests/churn.py --name "churn $name" --csv "$dir/csv" --fdinfo "$dir/fdinfo" \
		--still "$still" --own $OWN --exact "$exact" "$dir"/rounds? || failures=$((failures + 1))
	tests/truth.py --name "churn $name" --csv "$dir/csv" --check "$TMP/check" \
		"counts:$target:$dir/truth" || failures=$((failures + 1))
	end_spawned "$target"
}

# The first mechanism that this kernel has for ten seconds, the other one for a moment: passes cost so
# much that there are few of them, above all where the machine is emulated.
seconds=10
exact=3
for mech in iter passes; do
	"$EPSCOPE" check --mech snapshot=$mech >/dev/null 2>&1 || continue
	churn_test $mech $seconds $exact --mech snapshot=$mech
	seconds=3
	exact=1
done
