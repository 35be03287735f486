#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check snapshots of red-black trees in CSV: of `epscope tree`, or of `epscope stat --items`.

Each tree has to be one that the kernel can have: in the order of (address of struct file, fd), red
and black by the rules, at most 2*log2(n+1) deep, its links mutual; or else be marked as torn. This
knows nothing of epscope's own check of the same. Prints one line, "ok NAME: ..." or "not ok NAME:
..."; a tree may be compared with the fdinfo of the same descriptor.
"""

import argparse
import collections
import csv
import math
import sys

NONE = ""  # an empty field: no such neighbour


class Broken(Exception):
    """What is wrong with a tree."""


def need(condition, message):
    """Raise Broken unless the condition holds."""
    if not condition:
        raise Broken(message)


def links_check(nodes):
    """Parents and children name each other, and there is one root, which is returned."""
    roots = [name for name, node in nodes.items() if node["parent"] == NONE]
    need(len(roots) == 1, f"{len(roots)} roots")
    children = collections.Counter()
    for name, node in nodes.items():
        for side in ("left", "right"):
            child = node[side]
            if child == NONE:
                continue
            need(child in nodes, f"{side} of node {name} is not there")
            need(nodes[child]["parent"] == name, f"node {child} has another parent than {name}")
            children[child] += 1
    need(len(children) == len(nodes) - 1, "nodes without a parent that knows them")
    need(all(n == 1 for n in children.values()), "a node with two parents")
    return roots[0]


def walk(nodes, root):
    """Nodes in order, each with the length of its path and the black nodes on it."""
    out, stack, at = [], [], (root, 1, 0)
    while stack or at:
        if at:
            name, depth, black = at
            need(depth <= 100, "a loop")
            black += nodes[name]["color"] == "black"
            stack.append((name, depth, black))
            left = nodes[name]["left"]
            at = (left, depth + 1, black) if left != NONE else None
        else:
            name, depth, black = stack.pop()
            out.append((name, depth, black))
            right = nodes[name]["right"]
            at = (right, depth + 1, black) if right != NONE else None
    return out


def colors_check(nodes, order, root):
    """The rules that make the tree balanced."""
    need(nodes[root]["color"] == "black", "the root is red")
    heights = set()
    for name, _, black in order:
        node = nodes[name]
        need(node["color"] in ("red", "black"), f"node {name} has no colour")
        if node["color"] == "red":
            need(nodes[node["parent"]]["color"] == "black", f"red node {name} below a red one")
        if NONE in (node["left"], node["right"]):
            heights.add(black)
    need(len(heights) == 1, f"paths with different numbers of black nodes: {sorted(heights)}")
    return heights.pop()


def tree_check(rows):
    """Raises Broken; returns the depth and the black nodes on each path."""
    nodes = {row["node"]: row for row in rows}
    need(len(nodes) == len(rows), "two nodes of the same name")
    root = links_check(nodes)
    order = walk(nodes, root)
    need(len(order) == len(nodes), f"{len(order)} of {len(nodes)} nodes hang on the root")
    keys = [(int(nodes[name]["file"], 16), int(nodes[name]["fd"])) for name, _, _ in order]
    need(all(a < b for a, b in zip(keys, keys[1:])), "not in the order of (file, fd)")
    for name, depth, _ in order:
        need(int(nodes[name]["depth"]) == depth, f"node {name} says depth {nodes[name]['depth']}")
    black = colors_check(nodes, order, root)
    deepest = max(depth for _, depth, _ in order)
    need(deepest <= 2 * math.log2(len(order) + 1), f"{len(order)} nodes, {deepest} deep")
    return deepest, black


def interval_check(row, items, depth, black):
    """What the instance's row of the same time says of its tree."""
    got = row["items"], row["depth"], row["black_height"]
    want = str(items), str(depth), str(black)
    need(got == want, f"items, depth, black height are {got}, the nodes say {want}")


def ready_check(rows, count, most=None):
    """The ready list is numbered from 1; it has count items, unless that is None.

    Of an item far behind the first ones only that it is on the list may be known: an empty field.
    With most the list never rests, see wl_ready.c. Returns whether it is known, and not empty.
    """
    ready = [row for row in rows if row["ready_pos"] not in ("", "0")]
    ready.sort(key=lambda row: int(row["ready_pos"]))
    behind = sum(1 for row in rows if not row["ready_pos"])
    if count is None and behind == len(rows):
        return False  # it changed while it was read
    need([int(row["ready_pos"]) for row in ready] == list(range(1, len(ready) + 1)),
         "positions on the ready list have holes")
    need(ready or not behind, f"{behind} items are ready, and none of them first")
    found = len(ready) + behind
    need(count in (None, found), f"{found} ready, {count} were made so")
    if most:
        run_check([int(row["data"], 16) for row in ready], len(rows), most)
    return found > 0


def run_check(places, items, most):
    """The list is a run of neighbours at each moment: see wl_ready.c."""
    short = not places or len(places) >= most - 1  # one is taken, then one comes
    need(len(places) <= most and short, f"{len(places)} on the ready list, {most} should be")
    want = [(places[0] + i) % items for i in range(len(places))] if places else []
    need(places == want, f"on the ready list at a time: {places}")


def fdinfo_check(rows, path):
    """The same items, masks and user data as the lines tfd: of fdinfo."""
    with open(path, encoding="utf-8") as f:
        words = [line.replace(":", " ").split() for line in f if line.startswith("tfd:")]
    want = sorted((int(w[1]), int(w[3], 16), int(w[5], 16)) for w in words)
    got = sorted((int(r["fd"]), int(r["mask_bits"], 16), int(r["data"], 16)) for r in rows)
    need(len(got) == len(want), f"{len(got)} items, fdinfo has {len(want)}")
    differ = [f"{a} instead of {b}" for a, b in zip(got, want) if a != b]
    need(not differ, f"{len(differ)} items are not as in fdinfo: {differ[:1]}")


def snapshots(path):
    """(time, instance) -> rows of the items that the snapshot found."""
    out = collections.defaultdict(list)
    with open(path, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            if row["row"] != "item":
                continue
            plain = {key.removeprefix("item_"): row[key] for key in row if key != "item_epfd"}
            if plain["snapshot"]:
                out[row["ts_ns"], row["instance"]].append(plain)
    return out


def intervals_read(path):
    """(time, instance) -> the row of that instance, of `epscope stat`."""
    with open(path, newline="", encoding="utf-8") as f:
        rows = [row for row in csv.DictReader(f) if row["row"] == "interval"]
    return {(row["ts_ns"], row["instance"]): row for row in rows}


def all_check(args):
    """Returns what to say of a success."""
    torn, deepest, items, lists = 0, 0, [], set()
    intervals = intervals_read(args.csv) if args.intervals else {}
    for when, rows in snapshots(args.csv).items():
        marks = {row["snapshot"] for row in rows}
        need(len(marks) == 1, f"marked both {' and '.join(sorted(marks))}")
        torn += marks == {"torn"}
        if marks == {"torn"}:
            continue
        depth, black = tree_check(rows)
        deepest = max(deepest, depth)
        if args.intervals:
            interval_check(intervals[when], len(rows), depth, black)
        if ready_check(rows, args.ready, args.run):
            lists.add(rows[0]["snapshot_ns"])
        items.append(len(rows))
        if args.fdinfo:
            fdinfo_check(rows, args.fdinfo)
    need(len(items) >= args.exact, f"{len(items)} exact snapshots, {torn} torn")
    need(args.torn_allowed or not torn, "torn, though nothing changed")
    need(not args.run or len(lists) >= args.exact, f"only {len(lists)} ready lists are known")
    return (f"{len(items)} exact, {min(items)} to {max(items)} items, depth {deepest}; {torn} torn;"
            f" {len(lists)} ready lists")


def main():
    """One line, exit status 1 if it says not ok."""
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--name", required=True, help="of the test")
    p.add_argument("--csv", required=True, help="output of epscope")
    p.add_argument("--fdinfo", help="copy of the descriptor's fdinfo")
    p.add_argument("--ready", type=int, help="items that were made ready")
    p.add_argument("--run", type=int, metavar="MOST", help="the ready list never rests: wl_ready")
    p.add_argument("--exact", type=int, default=1, help="snapshots that must not be torn")
    p.add_argument("--intervals", action="store_true", help="compare the instance's rows as well")
    p.add_argument("--torn-allowed", action="store_true", help="the tree changes meanwhile")
    args = p.parse_args()
    try:
        print(f"ok {args.name}: {all_check(args)}")
    except Broken as broken:
        print(f"not ok {args.name}: {broken}")
        sys.exit(1)


if __name__ == "__main__":
    main()
