#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Table of a benchmark's samples: per figure a row per contestant with its median, its spread and
how many runs it has; with --base also the ratio to that contestant.

The n-th sample of a contestant and the n-th of the base are of the same round, one shortly after
the other: the ratio is the median of the ratios of the rounds, in which what else the machine did
cancels. A run that failed has a sample without value, so that rounds stay together.

A goal is --goal FIGURE CONTESTANT WHAT HOW LIMIT: WHAT is ratio or median, HOW is at-least or
at-most, LIMIT a number or another contestant. Whether it is reached is printed, and no more.
"""

import argparse
import csv
import statistics
import sys


def read_samples(paths):
    """{figure: {contestant: [value or None]}} in the order of the files, and {figure: unit}."""
    figures, units = {}, {}
    for path in paths:
        with open(path, newline="", encoding="utf-8") as f:
            for row in csv.DictReader(f):
                runs = figures.setdefault(row["figure"], {}).setdefault(row["contestant"], [])
                runs.append(float(row["value"]) if row["value"] else None)
                units[row["figure"]] = row["unit"]
    return figures, units


def known(values):
    return [v for v in values if v is not None]


def median(values):
    values = known(values)
    return statistics.median(values) if values else None


def ratios(values, base):
    return [v / b for v, b in zip(values, base) if v is not None and b]


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 1 or value == 0 else f"{value:.3f}"


def spread(values):
    values = known(values)
    return f"{number(min(values))} - {number(max(values))}" if values else "-"


def rows_of(contestants, base):
    for name, values in contestants.items():
        row = [name, number(median(values)), spread(values), str(len(known(values)))]
        if base in contestants:
            to_base = ratios(values, contestants[base])
            row += [f"{median(to_base):.3f}" if to_base else "-",
                    f"{min(to_base):.3f} - {max(to_base):.3f}" if to_base else "-"]
        yield row


def print_figure(name, unit, contestants, base):
    head = [f"{name}, {unit}" if unit else name, "median", "lowest - highest", "runs"]
    if base in contestants:
        head += [f"to {base}", "lowest - highest"]
    rows = [head, *rows_of(contestants, base)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        first, *rest = (cell.ljust(w) if i == 0 else cell.rjust(w)
                        for i, (cell, w) in enumerate(zip(row, widths)))
        print("  ".join([first, *rest]))
    print()


def measured(contestants, name, what, base):
    if name not in contestants:
        return None
    if what == "median":
        return median(contestants[name])
    return median(ratios(contestants[name], contestants.get(base, [])))


def print_goal(figures, goal, base):
    figure, name, what, how, limit = goal
    contestants = figures.get(figure, {})
    got = measured(contestants, name, what, base)
    try:
        want = float(limit)
        text = limit
    except ValueError:
        want = measured(contestants, limit, what, base)
        text = f"{limit}'s {number(want)}"
    says = f"{figure}: {what} of {name} {number(got)}, {how.replace('-', ' ')} {text}"
    if got is None or want is None:
        print(f"not measured: {says}")
    elif got >= want if how == "at-least" else got <= want:
        print(f"reached: {says}")
    else:
        print(f"NOT reached: {says}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="+", help="figure,contestant,unit,value")
    parser.add_argument("--base", help="contestant to which the others are a ratio")
    parser.add_argument("--only", action="append", metavar="FIGURE", help="no other figure")
    parser.add_argument("--goal", action="append", nargs=5, default=[],
                        metavar=("FIGURE", "CONTESTANT", "WHAT", "HOW", "LIMIT"))
    args = parser.parse_args()
    for _, _, what, how, _ in args.goal:
        if what not in ("ratio", "median") or how not in ("at-least", "at-most"):
            parser.error(f"no goal: {what} {how}")
    figures, units = read_samples(args.file)
    for name, contestants in figures.items():
        if not args.only or name in args.only:
            print_figure(name, units[name], contestants, args.base)
    for goal in args.goal:
        print_goal(figures, goal, args.base)


if __name__ == "__main__":
    sys.exit(main())
