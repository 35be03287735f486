#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compare the times that epscope tells with the bounds that a workload measured around them.

A workload prints of each kind of interval NAME_count, and in nanoseconds NAME_min, NAME_max (the
smallest inner and the largest outer measure), NAME_max_min (the largest inner one), NAME_sum_min and
NAME_sum_max. Of `epscope stat` the maximum lies within its bounds, and percentiles within the slots
(powers of two) that the bounds lie in, and never above the maximum. Of `epscope trace` each value
lies within the bounds, and the sum within those of the sum. Prints a line for each kind.
"""

import argparse
import csv
import sys

# Name of the workload -> the hook that its column needs, and the sums that the trace tells as well.
KINDS = {
    "ready": ("callback", lambda rows: of_type(rows, "deliver", "ready_ns")),
    "blocked": ("wait", lambda rows: of_type(rows, "return", "inside_ns")),
    "handler": ("wait", lambda rows: spans(rows, "return", "wait")),
    "sched": ("wake", None),
    "return": ("wake", None),
    "woken_to_return": ("wake", lambda rows: spans(rows, "wake", "return")),
}


def of_type(rows, kind, column):
    """The column of the rows of that type."""
    return [int(row[column]) for row in rows if row["type"] == kind and row[column]]


def spans(rows, begin, end):
    """From each row of the one type to the next of the other."""
    out, since = [], None
    for row in rows:
        if row["type"] == begin:
            since = int(row["ts_ns"])
        elif row["type"] == end and since is not None:
            out.append(int(row["ts_ns"]) - since)
            since = None
    return out


def slot(value):
    """Bounds of the histogram's slot that a value lies in."""
    low = 1 << (max(value, 1).bit_length() - 1)
    return (0 if low == 1 else low), 2 * low


def within(what, value, low, high):
    """A message if it is not."""
    return [] if low <= value <= high else [f"{what} is {value}, not within {low}..{high}"]


def stat_differ(row, name, truth):
    """Messages about maximum and percentiles of one kind."""
    columns = [f"{name}_{part}_ns" for part in ("p50", "p99", "max")]
    if columns[2] not in row:
        return []
    if not all(row[column] for column in columns):
        return [f"{', '.join(c for c in columns if not row[c])} unknown"]
    p50, p99, top = (int(row[column]) for column in columns)
    wrong = within(columns[2], top, truth["max_min_ns"], truth["max_ns"])
    low, high = slot(truth["min_ns"])[0], min(slot(truth["max_ns"])[1], top)
    wrong += within(columns[0], p50, low, high) + within(columns[1], p99, low, high)
    return wrong + within(columns[1], p99, p50, top)


def trace_differ(rows, truth, values_of):
    """Messages about the single values of one kind."""
    if not values_of:
        return []
    values = values_of(rows)
    if len(values) != truth["count"]:
        return [f"{len(values)} rows, {truth['count']} happened"]
    wrong = within("sum of the rows", sum(values), truth["sum_min_ns"], truth["sum_max_ns"])
    for value in values:
        wrong += within("a row", value, truth["min_ns"], truth["max_ns"])
    return wrong


def item_differ(rows, truth):
    """The mean of an item, which is the sum of its times, divided and rounded down."""
    means = [int(row["item_ready_avg_ns"]) for row in rows if row["item_ready_avg_ns"]]
    if not means:
        return ["item_ready_avg_ns unknown"]
    low, high = truth["sum_min_ns"] // truth["count"], truth["sum_max_ns"] // truth["count"]
    return within("item_ready_avg_ns", means[-1], low, high)


def unknown_differ(row, trace, name, values_of):
    """Where the hook is missing: nothing may be told."""
    filled = [f"{name}_{part}_ns" for part in ("p50", "p99", "max") if row.get(f"{name}_{part}_ns")]
    if values_of and values_of(trace):
        filled.append("the trace")
    return [f"unknown here, but in {', '.join(filled)}"] if filled else []


def csv_read(path):
    """All rows."""
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def truth_read(path, name):
    """Part -> number, of the lines NAME_PART=NUMBER."""
    with open(path, encoding="utf-8") as f:
        pairs = [line.strip().split("=", 1) for line in f if line.startswith(name + "_")]
    parts = ("count", "min_ns", "max_ns", "max_min_ns", "sum_min_ns", "sum_max_ns")
    return {key[len(name) + 1 :]: int(v) for key, v in pairs if key[len(name) + 1 :] in parts}


def main():
    """A line for each kind that the workload measured, exit status 1 if one says not ok."""
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--name", required=True, help="of the test")
    p.add_argument("--tgid", required=True, help="of the workload")
    p.add_argument("--check", required=True, help="output of epscope check")
    p.add_argument("--stat", required=True, help="output of epscope stat --items --format csv")
    p.add_argument("--trace", required=True, help="output of epscope trace --format csv")
    p.add_argument("--truth", required=True, help="what the workload wrote")
    args = p.parse_args()
    with open(args.check, encoding="utf-8") as f:
        tiers = {w[0]: w[1] for w in map(str.split, f) if len(w) > 2}
    stat, trace = csv_read(args.stat), csv_read(args.trace)
    lost = [r["where"] for r in stat + trace if "lost" in (r.get("row"), r.get("type"))]
    trace = [r for r in trace if r["tgid"] == args.tgid]
    row = [r for r in stat if (r["row"], r["tgid"]) == ("summary", args.tgid)][0]
    items = [r for r in stat if (r["row"], r["tgid"]) == ("item", args.tgid)]
    good = True
    for name, (hook, values_of) in KINDS.items():
        truth = truth_read(args.truth, name)
        if not truth.get("count"):
            continue
        if tiers[hook] == "none":
            wrong = unknown_differ(row, trace, name, values_of)
        else:
            wrong = stat_differ(row, name, truth) + trace_differ(trace, truth, values_of)
            wrong += item_differ(items, truth) if name == "ready" else []
        wrong += [f"lost at {where}" for where in lost]
        good = good and not wrong
        print(f"not ok {args.name} {name}: {'; '.join(wrong[:4])}" if wrong else
              f"ok {args.name} {name}: {truth['count']} within their bounds")
    sys.exit(not good)


if __name__ == "__main__":
    main()
