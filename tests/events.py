#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compare the rows of `epscope trace` of one process with those that the workload says must come.

The workload's file is a CSV with the names of epscope's columns. Row for row, in order, each column
of it must be equal, and nothing may be missing or between. Items that go with one close have no
order that a program could know. Prints one line, "ok NAME: ..." or "not ok NAME: ...".
"""

import argparse
import csv
import itertools
import sys


def rows_read(path, names, keep):
    """Rows as tuples of the columns in NAMES, those that KEEP says."""
    with open(path, newline="", encoding="utf-8") as f:
        reader = csv.DictReader(f)
        return [tuple(row[name] for name in names) for row in reader if keep(row)]


def settle(rows):
    """Consecutive rows of releases in one order."""
    out = []
    for key, group in itertools.groupby(rows, key=lambda row: row[0]):
        out += sorted(group) if key == "release" else group
    return out


def main():
    """One line, exit status 1 if it says not ok."""
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--name", required=True, help="of the test")
    p.add_argument("--csv", required=True, help="output of epscope trace --format csv")
    p.add_argument("--tgid", required=True, help="the workload's process id")
    p.add_argument("--unseen", default="", help="types that this kernel cannot show: a,b,c")
    p.add_argument("truth", help="the workload's CSV, its first column is the type")
    args = p.parse_args()
    unseen = args.unseen.split(",")
    with open(args.truth, newline="", encoding="utf-8") as f:
        names = next(csv.reader(f))
    want = settle(rows_read(args.truth, names, lambda row: row["type"] not in unseen))
    got = settle(rows_read(args.csv, names, lambda row: row["tgid"] == args.tgid))
    if want and want == got:
        print(f"ok {args.name}: {len(want)} rows equal")
        return 0
    at = next((i for i, (w, g) in enumerate(zip(want, got)) if w != g), min(len(want), len(got)))
    print(f"not ok {args.name}: {len(want)} rows wanted, {len(got)} there, they differ from "
          f"row {at + 1}: {', '.join(names)}: want {want[at:at + 1]}, got {got[at:at + 1]}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
