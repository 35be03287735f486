#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Narrow limits of the process, crowds of children, outputs that end early: exact, or one line that
# says what failed and a status other than 0.
. "$(dirname "$0")/../lib.sh"
need_root faults

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }

# herd COMMAND...: runs it with a herd under observation; its status is returned.
herd()
{
	rm -f "$TMP/csv" "$TMP/truth"
	run_limited 60 "$@" -o "$TMP/csv" -- build/tests/wl_herd --threads 4 --events 20 \
		--setup-after-go --truth-file "$TMP/truth" >/dev/null 2>"$TMP/err"
}

# exact NAME: figures are the herd's. Where the kernel preempts, the program on sched_process_exit may
# be skipped, and there is no other mechanism: an end that is learned late, and no figure here.
exact()
{
	tests/truth.py --name "$1" --csv "$TMP/csv" --check "$TMP/check" \
		--skip instances,items,creates,destroys --lossy skipped-exit \
		"herd:$(csv_col "$TMP/csv" tgid row=summary | sort -u):$TMP/truth" ||
		failures=$((failures + 1))
}

# Descriptors: enough, or one line before anything is tried.
case_descriptors()
{
	herd prlimit --nofile=100:100 "$EPSCOPE" stat -i 50ms
	equal "100 descriptors" "$? $(cat "$TMP/err")" "1 epscope: 100 open files are too few:\
 epscope takes up to 128; raise the limit (ulimit -n)"
	herd prlimit --nofile=128:128 "$EPSCOPE" stat -i 50ms
	equal "128 descriptors" "$? $(cat "$TMP/err")" "0 "
	exact "128 descriptors"
}

# Children that come and go faster than samples are taken, under -f; each is one more process to watch.
case_children()
{
	# shellcheck disable=SC2016 # for the inner shell
	run_limited 100 prlimit --nofile=256:256 "$EPSCOPE" stat -i 50ms -o "$TMP/csv" -- bash -c '
		for ((i = 0; i < 2000; i++)); do
			(:) &
			((i % 100)) || wait
		done
		wait
		exec build/tests/wl_herd --threads 4 --events 20 --setup-after-go --truth-file "$0"' \
		"$TMP/truth" >/dev/null 2>"$TMP/err"
	equal "2,000 children: ends well" "$? $(cat "$TMP/err")" "0 "
	exact "2,000 children"
	# Many at a time, more than there are descriptors: each would have one that tells its end.
	# shellcheck disable=SC2016
	run_limited 100 prlimit --nofile=256:256 "$EPSCOPE" stat -i 50ms -o "$TMP/csv" -- bash -c '
		for ((i = 0; i < 400; i++)); do
			sleep 1 &
		done
		wait
		exec build/tests/wl_herd --threads 4 --events 20 --setup-after-go --truth-file "$0"' \
		"$TMP/truth" >/dev/null 2>"$TMP/err"
	equal "400 children at a time: ends well" "$? $(cat "$TMP/err")" "0 "
	exact "400 children at a time"
	rm -f "$TMP/csv"
}

# The output ends in the middle: what came before is whole.
case_output()
{
	local status

	spawn build/tests/wl_pingpong --count 100000000 --pace free --duration 200 >/dev/null
	mkdir "$TMP/disk"
	unshare -m --propagation private sh -c "mount -t tmpfs -o size=64k none '$TMP/disk' &&
		'$EPSCOPE' trace -p $SPAWNED -d 20s -o '$TMP/disk/x'
		status=\$?
		cp '$TMP/disk/x' '$TMP/x'
		exit \$status" 2>"$TMP/err"
	status=$?
	equal "disk of 64 KiB: status, lines" "$status $(grep -c 'No space left' "$TMP/err")" "6 1"
	if [ "$(stat -c %s "$TMP/x")" -lt 57344 ] || [ -n "$(tail -c 1 "$TMP/x")" ]; then
		not_ok "disk of 64 KiB" "$(stat -c %s "$TMP/x") bytes, ending in $(tail -c 20 "$TMP/x")"
	fi
	run_limited 30 "$EPSCOPE" trace -p "$SPAWNED" -d 20s --format csv 2>"$TMP/err" |
		head -100 >"$TMP/head"
	equal "reader leaves after 100 rows" "${PIPESTATUS[0]} $(wc -l <"$TMP/head")" "0 100"
	end_spawned "$SPAWNED"
}

for part in ${CASES:-descriptors children output}; do
	"case_$part"
done
[ $failures = 0 ]
