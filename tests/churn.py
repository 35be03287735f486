#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the snapshots that `epscope stat --items` took of wl_churn's tree while it never rested.

Each unmarked snapshot is a whole red-black tree (tests/tree.py), has every item that nobody touches,
and is a state that existed while it was taken. The user data of the other items names a thread of the
workload, its round, and the item's place: a thread has items of one round alone, which it adds in the
order of their places and removes from one end, and the workload logged when that round was. The last
snapshot is what fdinfo says. Prints one line, "ok NAME: ..." or "not ok NAME: ...".
"""

import argparse
import mmap
import struct
import sys

from tree import Broken, fdinfo_check, need, snapshots, tree_check

EPOLLIN, EPOLLPRI, ALWAYS = 1, 2, 0x18  # the kernel adds ERR and HUP


class Rounds:
    """What a thread logged: begin and end of each of its rounds, in nanoseconds."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.log = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)

    def span(self, number):
        """Begin and end of one; Broken if there was none."""
        need((number + 1) * 16 <= len(self.log), f"an item of round {number}, which never was")
        return struct.unpack_from("qq", self.log, number * 16)


def item_place(row, rounds, end):
    """Thread, round and place of an item; its round met the snapshot, and its mask is of that round."""
    data = int(row["data"], 16)
    thread, number, place = (data >> 56) - 1, data >> 8 & (1 << 48) - 1, data & 0xFF
    need(thread in range(len(rounds)), f"user data {row['data']} is nobody's")
    begin, over = rounds[thread].span(number)
    taken = int(row["snapshot_ns"])
    need(begin <= end, f"an item {begin - end} ns before it was added")
    need(over >= taken, f"an item {taken - over} ns after it was removed")
    mask = ALWAYS | EPOLLIN | (0 if number & 1 else EPOLLPRI)
    need(int(row["mask_bits"], 16) == mask, f"mask {row['mask_bits']} in round {number}")
    return thread, number, place


def thread_check(thread, items, own):
    """What one thread has at a moment: see churner_run() of wl_churn.c."""
    numbers = {number for number, _ in items}
    need(len(numbers) == 1, f"thread {thread} has items of rounds {sorted(numbers)} at a time")
    places = sorted(place for _, place in items)
    first, count, upwards = places[0], len(places), not numbers.pop() & 2
    need(places == list(range(first, first + count)), f"thread {thread} has places {places}")
    need(first == 0 or (upwards and first + count == own), f"thread {thread} has places {places}")


def snapshot_check(rows, still, rounds, end, own):
    """Raises Broken; end: the moment by which the snapshot was over."""
    tree_check(rows)
    plain = [row for row in rows if int(row["data"], 16) == int(row["fd"])]
    need(still <= {row["fd"] for row in plain}, "an item that nobody touched is missing")
    of_thread = {}
    for row in rows:
        if int(row["data"], 16) != int(row["fd"]):
            thread, number, place = item_place(row, rounds, end)
            of_thread.setdefault(thread, []).append((number, place))
    for thread, items in of_thread.items():
        thread_check(thread, items, own)


def all_check(args):
    """Returns what to say of a success."""
    still = set(args.still.split(","))
    rounds = [Rounds(path) for path in args.rounds]
    exact, torn, last, seen = 0, 0, None, 0
    for (end, _), rows in snapshots(args.csv).items():
        taken = int(rows[0]["snapshot_ns"])
        if taken == seen:  # of the sample before: what was registered anew since is told as it is now
            continue
        seen = taken
        torn += rows[0]["snapshot"] == "torn"
        if rows[0]["snapshot"] == "torn":
            continue
        try:
            snapshot_check(rows, still, rounds, int(end), args.own)
        except Broken as broken:
            raise Broken(f"snapshot at {end}: {broken}") from broken
        exact += len(rows) != len(still)
        last = rows
    need(exact >= args.exact, f"{exact} exact snapshots with other items, {torn} torn")
    fdinfo_check(last, args.fdinfo)
    return f"{exact} exact with other items, {torn} torn; the last one is fdinfo's"


def main():
    """One line, exit status 1 if it says not ok."""
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    p.add_argument("--name", required=True, help="of the test")
    p.add_argument("--csv", required=True, help="output of epscope stat --items")
    p.add_argument("--fdinfo", required=True, help="copy of the descriptor's fdinfo at the end")
    p.add_argument("--still", required=True, help="descriptors that nobody touches: a,b,c")
    p.add_argument("--own", type=int, required=True, help="items of each thread")
    p.add_argument("--exact", type=int, required=True, help="snapshots that must not be torn")
    p.add_argument("rounds", nargs="+", help="log of each thread of the workload")
    args = p.parse_args()
    try:
        print(f"ok {args.name}: {all_check(args)}")
    except Broken as broken:
        print(f"not ok {args.name}: {broken}")
        sys.exit(1)


if __name__ == "__main__":
    main()
