#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Replays recordings with every view and compares the output byte for byte with expected/.
# tests/replay/run.sh --update writes the files in expected/ anew: read the difference before
# committing it. EPSCOPE names the program to test, MAKE_RECORDINGS the one that writes recordings.
# shellcheck disable=SC2317 # functions are called through check()
set -u
cd "$(dirname "$0")/../.." || exit 1

EPSCOPE=$(realpath "${EPSCOPE:-build/epscope}")
MAKE_RECORDINGS=$(realpath "${MAKE_RECORDINGS:-build/tests/make_recordings}")
expected=$PWD/tests/replay/expected
update=${1-}
failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/epscope-replay.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C

# check NAME COMMAND...: the command succeeds; if not, what it wrote is shown.
check()
{
	local name=$1

	shift
	if "$@" >log 2>&1; then
		echo "ok $name"
	else
		head -n 60 log
		echo "not ok $name"
		failed=1
	fi
}

# same FILE NAME: FILE is what expected/NAME says.
same()
{
	[ "$update" = --update ] && cp "$1" "$expected/$2"
	diff -u "$expected/$2" "$1"
}

# replay STATUS NAME ARGS...: output as expected, exit status too; messages only if it is not 0.
replay()
{
	local want=$1 name=$2 status

	shift 2
	"$EPSCOPE" "$@" >out 2>err </dev/null
	status=$?
	if [ "$status" != "$want" ]; then
		echo "exit status $status, not $want"
		cat err
		return 1
	fi
	same out "$name" || return 1
	if [ "$want" = 0 ]; then
		cat err
		[ ! -s err ]
	else
		same err "$name.err"
	fi
}

# A reader of CSV that is not ours: as many fields in each row as in the header, no name twice.
csv_is_regular()
{
	python3 - "$@" <<'EOF'
import csv, sys

for name in sys.argv[1:]:
    with open(name, newline="") as f:
        rows = list(csv.reader(f, strict=True))
    assert rows and all(len(row) == len(rows[0]) for row in rows), name
    assert len(set(rows[0])) == len(rows[0]), name + ": a column twice"
EOF
}

# The same rows and values as the CSV.
json_is_csv()
{
	python3 - "$1" "$2" <<'EOF'
import csv, json, sys

with open(sys.argv[1]) as f:
    objects = [json.loads(line) for line in f]
with open(sys.argv[2], newline="") as f:
    rows = list(csv.DictReader(f))
assert len(objects) == len(rows)
for obj, row in zip(objects, rows):
    for name, text in row.items():
        value = obj.get(name)
        want = "" if value is None else value if isinstance(value, str) else None
        assert text == want or (want is None and float(text) == value), (name, text, value)
EOF
}

# Counts over the rows "interval" of an instance make its row "summary".
sums_are_right()
{
	python3 - "$1" <<'EOF'
import csv, sys

counts = ["waits", "ret_events", "ret_timeout", "delivered", "callbacks", "woken", "put_back", "adds"]
sums, totals = {}, {}
with open(sys.argv[1], newline="") as f:
    for row in csv.DictReader(f):
        into = {"interval": sums, "summary": totals}.get(row["row"])
        if into is None:
            continue
        old = into.setdefault(row["instance"], dict.fromkeys(counts, 0))
        for name in counts:
            old[name] += int(row[name] or 0)
assert sums == totals and sums, (sums, totals)
EOF
}

from_pipe()
{
	"$EPSCOPE" stat -r - --format csv <full.eps >out && diff "$expected/stat.csv" out
}

to_file()
{
	"$EPSCOPE" stat -r full.eps --format csv -o out.csv && diff "$expected/stat.csv" out.csv
}

disk_full()
{
	[ -w /dev/full ] || return 0
	"$EPSCOPE" "$1" -r full.eps --format csv >/dev/full 2>err
	[ "$?" = 6 ] && grep -q 'not written whole' err
}

reader_gone()
{
	{
		"$EPSCOPE" stat -r full.eps --format csv --items 2>err
		echo $? >status
	} | true
	[ "$(cat status)" = 0 ] && [ ! -s err ]
}

# The same of rows "cost" and the row "cost_summary"; what the kernel did not account is empty, never 0.
costs_are_right()
{
	python3 - "$1" "$2" <<'EOF'
import csv, sys

names = ["over_ns", "cpu_ns", "bpf_ns", "bpf_runs", "accounted_ns", "bytes", "events"]
for path, want in ((sys.argv[1], "3000000000 12000000 625000 2000 50000000 4500 21".split()),
                   (sys.argv[2], ["2000000000", "8000000", "", "", "", "3000", "14"])):
    with open(path, newline="") as f:
        rows = [row for row in csv.DictReader(f) if row["row"].startswith("cost")]
    assert [row["row"] for row in rows] == ["cost"] * (len(rows) - 1) + ["cost_summary"], path
    total = [rows[-1][name] for name in names]
    assert total == want, (path, total)
    for name, all in zip(names, want):
        assert sum(int(row[name] or 0) for row in rows[:-1]) == int(all or 0), (path, name)
        assert all or not any(row[name] for row in rows), (path, name)
EOF
}

mkdir -p "$expected"
cd "$tmp" || exit 1
"$MAKE_RECORDINGS" . || exit 1
head -c 9001 full.eps >cut.eps
head -c -8 full.eps >unfinished.eps
echo "this is no recording, and longer than the header of one: it says nothing at all" >foreign.eps

check "schema" replay 0 schema.md schema
check "trace csv" replay 0 trace.csv trace -r full.eps --format csv
check "trace json" replay 0 trace.json trace -r full.eps --format json
check "trace text" replay 0 trace.txt trace -r full.eps --format text
check "trace columns" replay 0 trace-columns.txt trace -r full.eps --format text \
	--columns ts_ns,type,tid,result
check "trace events" replay 0 trace-events.csv trace -r full.eps --format csv \
	--events wait,return --columns ts_ns,type,result
check "trace of a cut recording" replay 7 trace-cut.csv trace -r cut.eps --format csv
check "stat csv" replay 0 stat.csv stat -r full.eps --format csv
check "stat json" replay 0 stat.json stat -r full.eps --format json
check "stat text" replay 0 stat.txt stat -r full.eps --format text
check "stat items csv" replay 0 stat-items.csv stat -r full.eps --format csv --items
check "stat items text" replay 0 stat-items.txt stat -r full.eps --format text --items
check "stat sorted" replay 0 stat-sorted.csv stat -r full.eps --format csv --sort delivered \
	--columns row,ts_ns,instance,waits,delivered
check "stat basic csv" replay 0 stat-basic.csv stat -r basic.eps --format csv
check "stat basic text" replay 0 stat-basic.txt stat -r basic.eps --format text
check "stat of nothing, csv" replay 0 stat-empty.csv stat -r empty.eps --format csv
check "stat of nothing, text" replay 0 stat-empty.txt stat -r empty.eps --format text
check "stat of an unfinished recording" replay 7 stat-unfinished.csv stat -r unfinished.eps \
	--format csv
check "tree csv" replay 0 tree.csv tree -r full.eps --format csv
check "tree json" replay 0 tree.json tree -r full.eps --format json
check "tree text" replay 0 tree.txt tree -r full.eps --format text
check "tree sorted" replay 0 tree-sorted.txt tree -r full.eps --format text --sort callbacks
check "tree torn" replay 0 tree-torn.txt tree -r torn.eps --format text
check "tree of 400 items" replay 0 tree-wide.txt tree -r wide.eps --format text --columns fd,depth
check "tree of nothing" replay 0 tree-empty.txt tree -r empty.eps --format text
check "foreign file" replay 7 foreign.txt stat -r foreign.eps
check "no such file" replay 7 missing.txt stat -r missing.eps
check "unknown column" replay 2 columns.txt stat -r full.eps --format csv --columns waits,nonsense
check "unknown sort" replay 2 sort.txt stat -r full.eps --format csv --sort nonsense
check "csv is regular" csv_is_regular "$expected"/*.csv
for view in trace stat tree; do
	check "json is csv: $view" json_is_csv "$expected/$view.json" "$expected/$view.csv"
	check "disk full: $view" disk_full $view
done
check "sums" sums_are_right "$expected/stat.csv"
check "cost" costs_are_right "$expected/stat.csv" "$expected/stat-basic.csv"
check "from a pipe" from_pipe
check "to a file" to_file
check "reader gone" reader_gone
exit $failed
