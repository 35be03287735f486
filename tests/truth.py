#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compare what a workload says it did with what `epscope stat --format csv` counted of it.

Prints a line for each workload, "ok NAME: ..." or "not ok NAME: ..." with every figure that
differs, and one for each instance of which the workload has a line of its own. The truth is the workload's alone. Which figures this kernel can know is read from the
output of `epscope check`; one that it cannot know must be empty in the CSV, and never 0.
"""

import argparse
import collections
import csv
import sys

# Column of the CSV -> its hook, the tier that hook needs to know it, key of the workload.
FULL, ANY = ("full",), ("full", "basic")
COLUMNS = {
    "waits": ("wait", ANY, "waits"),
    "ret_events": ("wait", ANY, "returns_events"),
    "ret_timeout": ("wait", ANY, "returns_timeout"),
    "ret_signal": ("wait", ANY, "returns_signal"),
    "ret_error": ("wait", ANY, "returns_error"),
    "ret_full": ("wait", ANY, "returns_full"),
    "delivered": ("wait", ANY, "delivered"),
    "callbacks": ("callback", FULL, "callbacks"),
    "cb_ready": ("callback", FULL, "cb_ready"),
    "cb_already": ("callback", FULL, "cb_already"),
    "cb_overflow": ("callback", FULL, "cb_overflow"),
    "cb_ignored": ("callback", FULL, "cb_ignored"),
    "woken": ("wake", ANY, "woken"),
    "wasted": ("wake", ANY, "wasted"),
    "scans": ("send", FULL, "scans"),
    "put_back": ("send", ANY, "put_back"),
    "left_over": ("send", FULL, "left_over"),
    "overflowed": ("send", FULL, "overflow"),
    "adds": ("ctl", ANY, "adds"),
    "mods": ("ctl", ANY, "mods"),
    "dels": ("ctl", ANY, "dels"),
    "ctl_errors": ("ctl", ANY, "ctl_errors"),
    "released": ("release", ANY, "releases"),
}


def tiers_read(path):
    """Hook -> tier, of the table that `epscope check` prints."""
    with open(path, encoding="utf-8") as f:
        words = [line.split() for line in f]
    table = {w[0]: w[1] for w in words if len(w) > 2 and w[1] in ("full", "basic", "none")}
    if "wait" not in table:
        sys.exit(f"truth.py: {path}: no table of hooks")
    return table


def truth_read(path):
    """Key -> number, of the workload's lines KEY=NUMBER."""
    with open(path, encoding="utf-8") as f:
        pairs = (line.strip().split("=", 1) for line in f if "=" in line)
        return {k: int(v) for k, v in pairs if v.isdigit()}


def instances_read(path):
    """Name and figures of the workload's lines "instance=NAME epfd=N KEY=NUMBER..."."""
    with open(path, encoding="utf-8") as f:
        lines = [line.split() for line in f if line.startswith("instance=")]
    for first, *rest in lines:
        pairs = (word.split("=", 1) for word in rest)
        yield first.split("=", 1)[1], {key: int(value) for key, value in pairs}


def column_sum(rows, column):
    """Over all instances; empty if it is unknown of one of them."""
    cells = [row[column] for row in rows]
    return sum(map(int, cells)) if cells and all(cells) else ""


def within(lacks, column, tiers, skipped):
    """Whether a figure is the truth, or lacks no more than what was skipped of the calls that tell it."""
    hook = COLUMNS[column][0]
    most = skipped.get(hook, 0)
    if column == "put_back" and tiers["send"] == "basic":  # derived at the return
        most = skipped.get("wait", 0)
    # A wait that was booked and did not begin is taken back at its return
    least = -most if column == "waits" else 0
    return least <= lacks <= most


def counts_differ(rows, truth, tiers, skipped):
    """Messages, and how many figures were equal and how many unknown; skipped: see skips()."""
    wrong, equal, unknown = [], 0, 0
    for column, (hook, needs, key) in COLUMNS.items():
        got = column_sum(rows, column)
        if tiers[hook] not in needs:
            filled = [row[column] for row in rows if row[column]]
            unknown += 1
            if filled:
                wrong.append(f"{column} is {filled[0]}, but unknown here: {hook} {tiers[hook]}")
        elif key is None or key not in truth:
            if got == "":
                wrong.append(f"{column} is empty, but known here: {hook} {tiers[hook]}")
        elif got != "" and within(truth[key] - got, column, tiers, skipped):
            equal += 1
        else:
            wrong.append(f"{column} is {got or repr(got)}, {key}={truth[key]}")
    return wrong, equal, unknown


def instances_differ(rows, truth, tiers):
    """The same for births, deaths and items, of which each has a row or a field of its own."""
    living = [row for row in rows if not row["died_ns"]]
    found = {"instances": len(living), "items": column_sum(living, "items") if living else 0}
    if tiers["create"] != "none":
        found["creates"] = sum(1 for row in rows if row["born_ns"])
        found["destroys"] = sum(1 for row in rows if row["died_ns"])
    keys = [key for key in found if key in truth]
    wrong = [f"{key} {found[key]}, {key}={truth[key]}" for key in keys if found[key] != truth[key]]
    return wrong, len(keys) - len(wrong)


def losses(rows, allowed):
    """Rows of lost data: none is expected, but at the places allowed."""
    lost = [row for row in rows if row["row"] == "lost" and row["where"] not in allowed]
    return [f"lost {row['lost']} at {row['where']}" for row in lost]


def skips(rows, allowed):
    """Hook -> calls that the kernel did not hand to BPF: so many may its figures lack, if allowed."""
    out = collections.Counter()
    for row in rows:
        if allowed and row["row"] == "lost" and row["where"].startswith("skipped-"):
            out[row["where"].removeprefix("skipped-")] += int(row["lost"])
    return out


def arguments():
    """The command line."""
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--name", required=True, help="of the test, put before the workload's")
    p.add_argument("--csv", required=True, help="output of epscope stat --format csv")
    p.add_argument("--check", required=True, help="output of epscope check")
    p.add_argument("--tier", action="append", default=[], help="HOOK=TIER instead of the check's")
    p.add_argument("--skip", default="", help="keys of the truth that are not compared: a,b,c")
    p.add_argument("--lossy", default="", help="where data may be lost: a,b,c")
    p.add_argument("--skips", action="store_true", help="allow what the kernel skipped, as counted")
    p.add_argument("runs", nargs="+", metavar="NAME:TGID:TRUTH", help="what the workload wrote")
    return p.parse_args()


def run_compare(args, everything, tiers, run):
    """Print the line of one workload."""
    name, tgid, path = run.split(":", 2)
    skip = args.skip.split(",")
    truth = {key: value for key, value in truth_read(path).items() if key not in skip}
    rows = [row for row in everything if row["row"] == "summary" and row["tgid"] == tgid]
    skipped = skips(everything, args.skips)
    wrong, equal, unknown = counts_differ(rows, truth, tiers, skipped)
    more, alike = instances_differ(rows, truth, tiers)
    allowed = args.lossy.split(",")
    if args.skips:
        allowed += {row["where"] for row in everything if row["where"].startswith("skipped-")}
    wrong += more + losses(everything, allowed)
    if not rows:
        wrong = ["no summary row"]
    if wrong:
        print(f"not ok {args.name} {name}: {'; '.join(wrong)}")
    else:
        print(f"ok {args.name} {name}: {equal + alike} figures equal, {unknown} unknown")
    return not wrong


def instance_compare(args, everything, tiers, run):
    """Print a line for each instance of a workload that the workload tells apart."""
    workload, tgid, path = run.split(":", 2)
    good = True
    for name, truth in instances_read(path):
        rows = [
            row
            for row in everything
            if (row["row"], row["tgid"], row["epfd"]) == ("summary", tgid, str(truth["epfd"]))
        ]
        wrong, equal, unknown = counts_differ(rows, truth, tiers, {})
        if len(rows) != 1:
            wrong = [f"{len(rows)} summary rows of descriptor {truth['epfd']}"]
        title = f"{args.name} {workload} {name}"
        if wrong:
            print(f"not ok {title}: {'; '.join(wrong)}")
        else:
            print(f"ok {title}: {equal} figures equal, {unknown} unknown")
        good = good and not wrong
    return good


def main():
    """A line for each workload, exit status 1 if one of them says not ok."""
    args = arguments()
    with open(args.csv, newline="", encoding="utf-8") as f:
        everything = list(csv.DictReader(f))
    tiers = tiers_read(args.check)
    tiers.update(pair.split("=", 1) for pair in args.tier)
    good = [run_compare(args, everything, tiers, run) for run in args.runs]
    good += [instance_compare(args, everything, tiers, run) for run in args.runs]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
