/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"An instance is one struct eventpoll in the kernel, and this program takes one through its life, "
	"slowly enough to watch. Five of its fields tell the story: rbr is the red-black tree of "
	"everything registered, rdllist the list of items that may be ready, ovflist takes what becomes "
	"ready while a scan of that list is under way, wq holds the threads that sleep in epoll_wait(), "
	"and poll_wait holds those who watch the instance itself.\n\n"
	"EPOLL_CTL_ADD (ep_insert()) makes an item, and both puts it into the tree and hangs it on "
	"the wait queue of its file (ep_ptable_queue_proc()). When data arrives that queue is "
	"woken, and ep_poll_callback() links the item to rdllist. Nobody has to wait for that: the "
	"list remembers. EPOLL_CTL_MOD (ep_modify()) asks the file at once, so an item whose new "
	"mask holds already is linked without any traffic. A thread that finds the list empty puts "
	"itself on wq and sleeps; a callback wakes it, and it leaves the queue.\n\n"
	"What was delivered level-triggered goes back on the list, even if it has been read since: "
	"rdllist means \"may be ready\", and only the next scan finds out. A scan "
	"(ep_send_events()) takes the whole of rdllist. What becomes ready while it runs goes to "
	"ovflist, and at its end from there to rdllist.\n\n"
	"An item goes in one of two ways: by EPOLL_CTL_DEL, which also takes it off rdllist, or by itself, "
	"when the last descriptor of its file is closed (eventpoll_release_file()). The last one: after a "
	"dup(), a fork() or a descriptor passed on, close() leaves the item where it is, and "
	"EPOLL_CTL_DEL on the closed number fails with EBADF. The cure is to delete before closing.\n\n"
	"An instance is a file, too, and can be registered in another one. The outer item then hangs on "
	"poll_wait, and its callback runs when something becomes ready in the inner instance. "
	"poll_wait cannot be seen directly: the outer instance has one item on it (see items of "
	"the outer one). When the inner one is closed, its item goes the same way as any "
	"other.\n\n"
	"Look at: items, ready and waiters, phase by phase.";

/* What the instance must look like at the end of each phase. */
static const struct {
	const char *instance, *gauge, *phase, *what;
	s64 value;
} states[] = {
	{ "life", "items", "empty", "created: items", 0 },
	{ "life", "ready", "empty", "created: ready", 0 },
	{ "life", "items", "added", "three added: items", 3 },
	{ "life", "ready", "added", "three added: ready", 0 },
	{ "life", "ready", "ready", "data for one: ready", 1 },
	{ "life", "ready", "modified", "EPOLLOUT asked of another: ready", 2 },
	{ "life", "ready", "taken", "taken and read: ready", 0 },
	{ "life", "waiters", "taken", "taken and read: waiters", 0 },
	{ "life", "waiters", "waited-for", "a thread waits: waiters", 1 },
	{ "life", "waiters", "woken", "it was woken: waiters", 0 },
	{ "life", "ready", "woken", "it has read: ready (put back)", 1 },
	{ "life", "overflow", "woken", "it has read: overflow", 0 },
	{ "life", "ready", "scanning", "a scan is stopped, data for another: ready", 0 },
	{ "life", "overflow", "scanning", "a scan is stopped, data for another: overflow", 1 },
	{ "life", "ready", "scanned", "the scan has ended: ready", 2 },
	{ "life", "overflow", "scanned", "the scan has ended: overflow", 0 },
	{ "life", "items", "deleted", "that one deleted: items", 2 },
	{ "life", "ready", "deleted", "that one deleted: ready", 0 },
	{ "life", "items", "closed", "another one closed: items", 1 },
	{ "life", "ready", "watched", "watched, and data: ready", 1 },
	{ "outer", "ready", "watched", "watched, and data: ready in the outer one", 1 },
	{ "life", "items", "watched", "watched: items", 1 },
	{ "outer", "items", "watched", "watched: items of the outer one", 1 },
	{ "outer", "items", "gone", "instance closed: items of the outer one", 0 },
};

static void verdict(struct lab_run *run)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		lab_equal(run, states[i].what, states[i].value,
			  lab_gauge(run, states[i].instance, states[i].gauge, states[i].phase));
	lab_equal(run, "EPOLL_CTL_ADD", lab_said(run, "items"), lab_figure(run, "life", "adds"));
	lab_equal(run, "EPOLL_CTL_MOD", 2, lab_figure(run, "life", "mods"));
	lab_equal(run, "EPOLL_CTL_DEL", 1, lab_figure(run, "life", "dels"));
	lab_equal(run, "EPOLL_CTL_DEL of a closed number: errors", 1,
		  lab_figure(run, "life", "ctl_errors"));
	lab_equal(run, "items released by close()", 1, lab_figure(run, "life", "released"));
	lab_equal(run, "threads woken", 1, lab_figure(run, "life", "woken"));
	/* Five times a byte arrives. */
	lab_equal(run, "callbacks", 5, lab_figure(run, "life", "callbacks"));
	lab_equal(run, "callbacks of the outer one", 1, lab_figure(run, "outer", "callbacks"));
}

const struct experiment lab_life = {
	.name = "life",
	.title = "Life of an instance: filled, waited for, watched, closed",
	.text = text,
	.program = "lab_life",
	.verdict = verdict,
};
