#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A CPU goes and comes back, again and again, under load: every figure stays the workload's own, also
# what was counted on the CPU that is gone. For a machine of our own: others would suffer.
. "$(dirname "$0")/../lib.sh"
need_root hotplug

CPU=/sys/devices/system/cpu/cpu1/online
[ -w $CPU ] || { not_ok hotplug "no second CPU that can be unplugged"; exit 1; }
check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

# plugged: goes and comes until the load is through; how often is in $TMP/times.
plug()
{
	local i

	for ((i = 0; i < 200; i++)); do
		[ -s "$TMP/truth" ] && [ $i -ge 3 ] && break
		echo 0 >$CPU || break
		nap 0.05
		echo 1 >$CPU || break
		nap 0.05
	done
	echo $i >"$TMP/times"
}

spawn build/tests/wl_pingpong --count 3000 --setup-after-go --ready-file "$TMP/ready" \
	--go-file "$TMP/go" --truth-file "$TMP/truth" --hold 200 >/dev/null
target=$SPAWNED
wait_for_file "$TMP/ready" 20 || not_ok "workload" "did not start"
spawn "$EPSCOPE" stat -p "$target" -i 50ms -o "$TMP/csv" --ready-file "$TMP/attached" 2>"$TMP/err"
tracer=$SPAWNED
wait_for_file "$TMP/attached" 60 || not_ok "epscope" "$(cat "$TMP/err")"
spawn plug
plugger=$SPAWNED
: >"$TMP/go"
wait_for_file "$TMP/truth" 90 || not_ok "workload" "no truth"
wait $plugger
kill -INT "$tracer"
wait "$tracer"
equal "epscope ends well" "$? $(cat "$TMP/err")" "0 "
times=$(cat "$TMP/times")
[ "$times" -ge 3 ] || not_ok "unplugged" "only $times times"
equal "the CPU is back" "$(cat $CPU)" 1
tests/truth.py --name "unplugged $times times" --csv "$TMP/csv" --check "$TMP/check" \
	"pingpong:$target:$TMP/truth" || failures=$((failures + 1))

# Attached while one is away, which comes later: what runs there counts too.
echo 0 >$CPU
rm -f "$TMP"/{ready,go,truth,attached}
spawn build/tests/wl_herd --threads 4 --events 50 --setup-after-go --ready-file "$TMP/ready" \
	--go-file "$TMP/go" --truth-file "$TMP/truth" --hold 200 >/dev/null
target=$SPAWNED
wait_for_file "$TMP/ready" 20 || not_ok "workload" "did not start"
spawn "$EPSCOPE" stat -p "$target" -i 50ms -o "$TMP/csv" --ready-file "$TMP/attached" 2>"$TMP/err"
tracer=$SPAWNED
wait_for_file "$TMP/attached" 60 || not_ok "epscope" "$(cat "$TMP/err")"
echo 1 >$CPU
taskset -a -p 2 "$target" >/dev/null || not_ok "workload" "cannot be moved to the new CPU"
: >"$TMP/go"
wait_for_file "$TMP/truth" 60 || not_ok "workload" "no truth"
kill -INT "$tracer"
wait "$tracer"
equal "attached before it came: ends well" "$? $(cat "$TMP/err")" "0 "
tests/truth.py --name "attached before it came" --csv "$TMP/csv" --check "$TMP/check" \
	"herd:$target:$TMP/truth" || failures=$((failures + 1))
