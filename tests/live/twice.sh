#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Several epscopes at once on one target, and on one another: each has the workload's own figures,
# and one that leaves, even by SIGKILL, disturbs nobody.
. "$(dirname "$0")/../lib.sh"
need_root twice

check_take "$TMP/check" || { not_ok "check" "epscope check failed"; exit 1; }
declare -A pids

# watch NAME ARGS...: an epscope; returns when it is attached.
watch()
{
	local name=$1

	shift
	spawn "$EPSCOPE" "$@" -o "$TMP/$name" --ready-file "$TMP/$name.attached" 2>"$TMP/$name.err"
	pids[$name]=$SPAWNED
	wait_for_file "$TMP/$name.attached" 60 || not_ok "$name" "$(cat "$TMP/$name.err")"
}

# leave NAME: with what it has seen so far.
leave()
{
	kill -INT "${pids[$1]}"
	wait "${pids[$1]}"
	equal "$1 ends well" "$? $(cat "$TMP/$1.err")" "0 "
}

# exact NAME OPTIONS...: its figures are those of the workload.
exact()
{
	tests/truth.py --name "$1" --csv "$TMP/$1" --check "$TMP/check" "${@:2}" \
		"herd:$target:$TMP/truth" || failures=$((failures + 1))
}

# rows NAME TYPE: of a trace.
rows()
{
	csv_col "$TMP/$1" type "type=$2" | wc -l
}

# target_start: a herd that waits for its go.
target_start()
{
	rm -f "$TMP"/{ready,go,truth}
	spawn build/tests/wl_herd --threads 6 --events 40 --setup-after-go --ready-file "$TMP/ready" \
		--go-file "$TMP/go" --truth-file "$TMP/truth" --hold 200 >/dev/null
	target=$SPAWNED
	wait_for_file "$TMP/ready" 20 || not_ok "workload" "did not start"
}

target_start
watch one stat -p "$target" -i 100ms
watch killed stat -p "$target" -i 50ms
watch all stat -a -i 200ms
watch trace trace -p "$target" --events wait,deliver
watch top top --format csv -p "$target"
kill -KILL "${pids[killed]}"
wait "${pids[killed]}" 2>/dev/null
sleep 2 # until the kernel has detached it: see below
: >"$TMP/go"
wait_for_file "$TMP/truth" 60 || not_ok "workload" "no truth"
for name in one all top trace; do
	leave $name
done
exact one
# What other programs of this machine deliver may carry data that is not theirs alone
exact all --lossy unattributed
exact top
equal "trace: waits" "$(rows trace wait)" "$(field "$TMP/truth" waits)"
equal "trace: delivered" "$(rows trace deliver)" "$(field "$TMP/truth" delivered)"
equal "nobody sees itself" "$(for name in one all; do
	csv_col "$TMP/$name" tgid "tgid=${pids[$name]}"
done)" ""
# It has an epoll instance where it streams: the ring buffer's, which nobody waits on.
equal "one that streams is seen by who watches all" \
	"$(csv_col "$TMP/all" waits row=summary died_ns= "tgid=${pids[trace]}")" 0
equal "one that does not stream has none" \
	"$(csv_col "$TMP/all" waits row=summary died_ns= "tgid=${pids[one]}")" ""

# One that leaves while threads sleep in a wait: where both hook the return with fexit the kernel skips
# those calls (bpf_tramp_image_put()), and what the other one did not see it says.
target_start
watch stays stat -p "$target" -i 100ms
watch leaves stat -p "$target" -i 100ms
: >"$TMP/go"
nap 0.3
kill -KILL "${pids[leaves]}"
wait_for_file "$TMP/truth" 60 || not_ok "workload" "no truth"
leave stays
seen=0
for column in ret_events ret_timeout ret_signal ret_error; do
	seen=$((seen + $(csv_col "$TMP/stays" $column row=summary | awk '{ n += $1 } END { print n + 0 }')))
done
lost=$(csv_col "$TMP/stays" lost where=return | awk '{ n += $1 } END { print n + 0 }')
happened=0
for key in returns_events returns_timeout returns_signal returns_error; do
	happened=$((happened + $(field "$TMP/truth" $key)))
done
open=$(csv_col "$TMP/stays" in_wait row=summary | awk '{ n += $1 } END { print n + 0 }')
echo "# returns seen $seen, lost ${lost:-0}, not known to have returned $open"
equal "one that leaves in the middle: nobody is in a wait any more" "$open" 0
equal "one that leaves in the middle: returns, and those said to be lost" \
	"$((seen + ${lost:-0}))" "$happened"
