#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compare the items of a workload with those in the last sample of `epscope stat --items`.

The workload's file is a CSV with the names of epscope's columns (epfd, and those of an item without
their prefix). Every row must be there once, and nothing else. Columns given with --unknown must be
empty in epscope's output. Prints one line, "ok NAME: ..." or "not ok NAME: ...".
"""

import argparse
import collections
import csv
import sys


def last_sample(path, tgid):
    """Rows of the items of a process in the latest sample of all; None without a sample."""
    last, rows = -1, None
    with open(path, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            if row["row"] not in ("interval", "item"):
                continue
            if int(row["ts_ns"]) > last:
                last, rows = int(row["ts_ns"]), []
            if row["row"] == "item" and row["tgid"] == tgid:
                rows.append(row)
    return rows


def truth_read(path):
    """Column names and rows of the workload."""
    with open(path, newline="", encoding="utf-8") as f:
        reader = csv.DictReader(f)
        return reader.fieldnames, list(reader)


def main():
    """One line, exit status 1 if it says not ok."""
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--name", required=True, help="of the test")
    p.add_argument("--csv", required=True, help="output of epscope stat --items --format csv")
    p.add_argument("--tgid", required=True, help="the workload's process id")
    p.add_argument("--unknown", default="", help="columns this kernel cannot know: a,b,c")
    p.add_argument("truth", help="the workload's CSV")
    args = p.parse_args()
    names, truth = truth_read(args.truth)
    unknown = args.unknown.split(",")

    def wanted(row):
        return tuple("" if name in unknown else row[name] for name in names)

    def found(row):
        return tuple(row[name if name == "epfd" else f"item_{name}"] for name in names)

    want = collections.Counter(wanted(row) for row in truth)
    sample = last_sample(args.csv, args.tgid)
    if sample is None:
        print(f"not ok {args.name}: no sample in {args.csv}")
        return 1
    got = collections.Counter(found(row) for row in sample)
    if want == got:
        print(f"ok {args.name}: {len(truth)} items, {len(names)} columns equal")
        return 0
    missing, extra = want - got, got - want
    print(f"not ok {args.name}: {missing.total()} of {len(truth)} rows missing, {extra.total()} of "
          f"items that are not so; {', '.join(names)}: want {list(missing)[:3]}, got "
          f"{list(extra)[:3]}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
