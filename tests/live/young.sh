#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the items of an instance are is told soon after it was made, also while the next look at who has
# what rests: for fifty times as long as the last look took, through a hundred thousand descriptors.
. "$(dirname "$0")/../lib.sh"
need_root young

YOUNG=${YOUNG:-8}
OTHERS=${OTHERS:-6}

# samples PID TYPE: in how many an item of it was shown in the tree, as of that type.
samples()
{
	csv_col "$TMP/csv" ts_ns row=item "tgid=$1" item_snapshot=exact "item_type=$2" | sort -u | wc -l
}

for ((i = 0; i < OTHERS; i++)); do
	spawn build/tests/wl_load --others 15000 --rate 10 --duration 60 --hold 60 \
		--ready-file "$TMP/many.$i" >/dev/null
done
for ((i = 0; i < OTHERS; i++)); do
	wait_for_file "$TMP/many.$i" 30 || not_ok "young" "not so many descriptors"
done
spawn "$EPSCOPE" stat -a --items -i 20ms -o "$TMP/csv" --ready-file "$TMP/ready"
tracer=$SPAWNED
wait_for_file "$TMP/ready" 60 || not_ok "young" "epscope did not start"
pids=()
for ((i = 0; i < YOUNG; i++)); do
	spawn build/tests/wl_items --items 3 --hold 1.$i >/dev/null
	pids+=("$SPAWNED")
	wait "$SPAWNED"
done
end_spawned "$tracer"
for pid in "${pids[@]}"; do
	equal "young: items without a type for a sample at most, then with" \
		"$(($(samples "$pid" "") <= 1)) $(($(samples "$pid" eventfd) > 5))" "1 1"
done
