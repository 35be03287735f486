#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the last whole sample of `epscope stat --items` that was taken while programs were quiet.

Each process named has the instances and items that its fdinfo has, in trees that obey the rules.
What a client knows it has sent to it equals what was delivered of items that are gone: everything
delivered, less what the living items have had. Prints "ok NAME: ..." or "not ok NAME: ...".
"""

import argparse
import csv
import fnmatch
import glob
import sys

import tree
from tree import Broken, need


def rows_read(path):
    """Rows up to the last but one sample, which is whole, and its time."""
    with open(path, newline="", encoding="utf-8") as f:
        rows = [row for row in csv.DictReader(f) if row["row"] in ("interval", "item", "lost")]
    times = sorted({int(row["ts_ns"]) for row in rows if row["row"] != "lost"})
    need(len(times) > 1, "fewer than two samples")
    ts = times[-2]
    return [row for row in rows if int(row["ts_ns"]) <= ts], str(ts)


def items_plain(rows):
    """As tests/tree.py wants them."""
    return [{k.removeprefix("item_"): row[k] for k in row if k != "item_epfd"} for row in rows]


def instance_check(rows, living, path):
    """One instance against the fdinfo of its descriptor; the rows of its items."""
    epfd = path.rsplit(".", 1)[1]
    mine = [row for row in living if row["epfd"] == epfd]
    need(len(mine) == 1, f"{len(mine)} instances with epfd {epfd}")
    items = items_plain(row for row in rows if row["instance"] == mine[0]["instance"])
    tree.fdinfo_check(items, path)
    need(int(mine[0]["items"]) == len(items), f"epfd {epfd}: items {mine[0]['items']}")
    if items and items[0]["snapshot"]:
        need({row["snapshot"] for row in items} == {"exact"}, f"epfd {epfd}: torn")
        tree.tree_check(items)
        tree.ready_check(items, None)
    return items


def counted(rows, tgids, column):
    """Of these processes, from the start to now."""
    return sum(int(row[column]) for row in rows
               if row["row"] == "interval" and row["tgid"] in tgids)


def gone_check(args, rows, items):
    """The items that are no more were the client's connections, and had the events it made."""
    if args.connections is not None:
        seen = sum(1 for item in items if item["added_ns"])
        gone = counted(rows, args.tgid, "adds") - seen
        need(gone == args.connections, f"{gone} items gone, {args.connections} connections")
    if args.closed is not None:
        gone = sum(counted(rows, args.tgid, c) * n for c, n in (("adds", 1), ("dels", -1)))
        gone -= sum(1 for item in items if item["added_ns"])
        need(gone == args.closed, f"{gone} items closed, {args.closed} by the program")
        if all(row["released"] for row in rows if row["row"] == "interval"):
            released = counted(rows, args.tgid, "released")
            need(released == args.closed, f"{released} released, {args.closed} by the program")
    if args.gone is not None:
        gone = counted(rows, args.tgid, "delivered") - sum(int(i["delivered"]) for i in items)
        need(gone == args.gone, f"{gone} events of closed connections, {args.gone} by the client")


def item_find(items, want):
    """TYPE=PATTERN[*COUNT]: so many items of that type and detail, one without a count."""
    what, _, count = want.partition(" x")
    kind, pattern = what.split("=", 1)
    found = sum(1 for row in items
                if row["type"] == kind and fnmatch.fnmatchcase(row["detail"], pattern))
    need(found == int(count or 1), f"{found} items '{what}' among " +
         str(sorted({row["type"] + "=" + row["detail"] for row in items})))


def all_check(args):
    """Returns what to say of a success."""
    rows, now = rows_read(args.csv)
    last = [row for row in rows if row["ts_ns"] == now]
    items, instances = [], 0
    for tgid in args.tgid:
        living = [row for row in last if row["row"] == "interval" and row["tgid"] == tgid
                  and not row["died_ns"]]
        paths = glob.glob(f"{args.fdinfo}/{tgid}.*")
        need(len(paths) == len(living), f"{len(living)} instances, {len(paths)} descriptors")
        for path in paths:
            items += instance_check([row for row in last if row["row"] == "item"], living, path)
        instances += len(paths)
    for want in args.item:
        item_find(items, want)
    gone_check(args, rows, items)
    return f"{instances} instances, {len(items)} items as in fdinfo"


def main():
    """One line, exit status 1 if it says not ok."""
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--name", required=True, help="of the test")
    p.add_argument("--csv", required=True, help="copy of the output of epscope stat --items")
    p.add_argument("--fdinfo", required=True, help="folder of copies of fdinfo, TGID.EPFD each")
    p.add_argument("--item", action="append", default=[], help="TYPE=PATTERN[ xCOUNT]: is there")
    p.add_argument("--gone", type=int, help="events that the connections closed by now have had")
    p.add_argument("--connections", type=int, help="of clients, all of them closed by now")
    p.add_argument("--closed", type=int, help="items whose file was closed, without EPOLL_CTL_DEL")
    p.add_argument("tgid", nargs="+", help="processes")
    args = p.parse_args()
    try:
        print(f"ok {args.name}: {all_check(args)}")
    except Broken as broken:
        print(f"not ok {args.name}: {broken}")
        sys.exit(1)


if __name__ == "__main__":
    main()
