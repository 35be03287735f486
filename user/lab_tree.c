/* SPDX-License-Identifier: GPL-2.0 */
#include <math.h>
#include <stdio.h>
#include "lab_experiments.h"

static const char *const text =
	"What is registered hangs in a red-black tree, ep->rbr. Its key is the pair (address of the struct "
	"file, descriptor number), so the same file may be registered once under each of its numbers. "
	"Every EPOLL_CTL_ADD, MOD and DEL looks its key up first (ep_find()), from the root down, "
	"and ADD hangs the new item in below (ep_insert()).\n\n"
	"Two trees grow here. In one all items are duplicates (dup) of one eventfd: same file, numbers "
	"that rise. To a tree without balance that is the worst of all orders: each item would hang below "
	"the one before, and the depth would be the number of items. In the other each item has a file of "
	"its own, and where the kernel put that in memory decides the order.\n\n"
	"A red-black tree repairs itself after each insertion and removal (rb_insert_color(), rb_erase()): "
	"no red node has a red child, and each path from the root down to a leaf has the same "
	"number of black nodes. So the longest path is at most twice as long as the shortest, and "
	"the depth at most 2 log2(n + 1). That is why the cost of one more item hardly grows with "
	"the tree: most of it is the call itself.\n\n"
	"Broken, each descriptor is closed once it has been registered. The item of a duplicate stays "
	"behind, the next duplicate gets the same number, its key is there already, and epoll_ctl() fails "
	"with EEXIST, which nobody looks at. An item whose file has no other descriptor is gone "
	"with the close. The cure: a registered descriptor stays open, and epoll_ctl() is checked.\n\n"
	"Look at: items and depth, and the cost of one more and one less.";

/* The program's steps. */
static const s64 sizes[] = { 1, 10, 100, 1000, 16000 };
#define MOST 16000

/* No binary tree of n nodes is flatter, and no red-black tree is deeper. */
static s64 flattest(s64 n)
{
	return (s64)ceil(log2((double)n + 1));
}

static s64 deepest(s64 n)
{
	return (s64)floor(2 * log2((double)n + 1));
}

static void size_rows(struct lab_run *run, s64 n)
{
	char phase[32], what[64];

	snprintf(phase, sizeof(phase), "n%lld", (long long)n);
	snprintf(what, sizeof(what), "items at %lld duplicates", (long long)n);
	lab_equal(run, what, n, lab_gauge(run, "duplicates", "items", phase));
	snprintf(what, sizeof(what), "depth at %lld", (long long)n);
	/* Between the two the order of the insertions decides. */
	lab_between(run, what, flattest(n), deepest(n),
		    lab_gauge(run, "duplicates", "depth", phase));
}

static void verdict(struct lab_run *run)
{
	s64 files = lab_said(run, "files"), pairs = lab_said(run, "pairs");
	s64 few = lab_said(run, "cost_1"), many = lab_said(run, "cost_16000");

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		size_rows(run, sizes[i]);
	/* Every second node of a path is black, at least, and all paths have as many. */
	lab_between(run, "black height at 16000", (flattest(MOST) + 1) / 2,
		    (s64)floor(log2(MOST + 1)),
		    lab_gauge(run, "duplicates", "black_height", "n16000"));
	lab_equal(run, "EPOLL_CTL_ADD", MOST + pairs, lab_figure(run, "duplicates", "adds"));
	lab_equal(run, "EPOLL_CTL_DEL", pairs, lab_figure(run, "duplicates", "dels"));
	lab_equal(run, "failed epoll_ctl", 0, lab_figure(run, "duplicates", "ctl_errors"));
	lab_equal(run, "items at 100 files", files, lab_gauge(run, "files", "items", "n1000"));
	lab_between(run, "depth at 100 files", flattest(files), deepest(files),
		    lab_gauge(run, "files", "depth", "n1000"));
	/* A look-up is at most that many times as long as with one item, and the rest of the call
	 * does not grow at all; a list would be 16,000 times as long. */
	lab_at_most(run, "cost at 16000, times that at 1", deepest(MOST),
		    few > 0 && many > 0 ? (many + few - 1) / few : LAB_MISSING);
}

const struct experiment lab_tree = {
	.name = "tree",
	.title = "The tree grows from 1 item to 16,000, and stays flat",
	.text = text,
	.program = "lab_tree",
	.verdict = verdict,
};
