/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include "lab_experiments.h"

static const char *const text =
	"Four workers sleep in epoll_wait() and clients connect to their port, one at a time, each "
	"when all workers sleep again. One connection needs one worker. How many wake up for it?\n\n"
	"A new connection wakes the wait queue of the listening socket (sock_def_readable()). Each "
	"item that watches the socket hangs on that queue, and for each of them ep_poll_callback() "
	"links the item to the ready list of its instance and wakes a thread that sleeps there. Plain: "
	"every worker has an instance of its own, so all are woken, in the reverse order of "
	"registration (add_wait_queue() puts each at the head). Who comes first to accept() is a "
	"race that the scheduler decides, so the work is spread by chance. One gets the "
	"connection. Those that are too late for it find nothing in the scan and sleep again "
	"inside the same epoll_wait(): the program never learns of it (wasted). Those a bit "
	"earlier return with an event, and accept() says EAGAIN. This is the thundering herd.\n\n"
	"With EPOLLEXCLUSIVE the walk along the queue ends at the first item that woke somebody. Such "
	"items stand in the order of their registration, so with a free choice it is always the first "
	"registered worker that gets the work; the others get some when it is busy.\n\n"
	"One instance for all: the callback wakes one thread, the one that fell asleep last, since new "
	"sleepers stand at the head of the queue of the instance. Level-triggered, the scan puts the "
	"item back on the ready list at delivery, and for a list that is not empty its end "
	"(ep_done_scan(), up to 5.10 ep_scan_ready_list()) wakes the next thread, often for "
	"nothing. Both run to accept(), and either may win. With EPOLLET it is not put back, and "
	"one thread wakes.\n\n"
	"With SO_REUSEPORT every worker has a listener of its own. The kernel chooses one by a hash of "
	"the addresses and ports (reuseport_select_sock(); by default: a program can be attached "
	"that chooses), so exactly one worker wakes and the work is spread. The choice is blind: "
	"it does not look at which worker is busy.\n\n"
	"Look at: woken and wasted, and who accepted.";

/* Both, if both are known. */
static s64 sum(s64 a, s64 b)
{
	if (a == LAB_MISSING || a == UNKNOWN_S64)
		return a;
	return b == LAB_MISSING ? b : a + b;
}

/* Threads that were woken and got no connection: they slept again, or returned and found none. */
static s64 for_nothing(const struct lab_run *run, const char *instances, const char *empty)
{
	return sum(lab_figure(run, instances, "wasted"), lab_said(run, empty));
}

static void verdict_own(struct lab_run *run, s64 workers, s64 connects)
{
	lab_equal(run, "plain: threads woken", workers * connects,
		  lab_figure(run, "plain*", "woken"));
	lab_equal(run, "plain: of these for nothing", (workers - 1) * connects,
		  for_nothing(run, "plain*", "plain_empty"));
	lab_equal(run, "EXCLUSIVE: threads woken", connects,
		  lab_figure(run, "exclusive*", "woken"));
	lab_equal(run, "EXCLUSIVE: of these for nothing", 0,
		  for_nothing(run, "exclusive*", "exclusive_empty"));
	lab_equal(run, "EXCLUSIVE: accepted by the first registered", connects,
		  lab_said(run, "exclusive_first"));
	lab_equal(run, "SO_REUSEPORT: threads woken", connects,
		  lab_figure(run, "reuseport*", "woken"));
	lab_equal(run, "SO_REUSEPORT: of these for nothing", 0,
		  for_nothing(run, "reuseport*", "reuseport_empty"));
	/* The hash has a secret seed; that it chooses one worker for all of them will not happen. */
	lab_between(run, "SO_REUSEPORT: workers that got connections", 2, workers,
		    lab_said(run, "reuseport_served"));
}

static void verdict_shared(struct lab_run *run, s64 workers, s64 connects)
{
	/* Every scan that delivers wakes the next sleeper: at least the first one does, and those
	 * before the connection is accepted. How many these are is up to the scheduler. */
	lab_between(run, "shared, LT: threads woken", 2 * connects, workers * connects,
		    lab_figure(run, "shared", "woken"));
	lab_equal(run, "shared, EPOLLET: threads woken", connects,
		  lab_figure(run, "edge", "woken"));
	lab_equal(run, "shared, EPOLLET: of these for nothing", 0,
		  for_nothing(run, "edge", "edge_empty"));
	lab_equal(run, "shared, EPOLLET: accepted by the last asleep", connects,
		  lab_said(run, "edge_last"));
}

static void verdict(struct lab_run *run)
{
	static const char *const keys[] = { "plain", "exclusive", "shared", "edge", "reuseport" };
	char key[48], what[64];
	s64 workers = lab_said(run, "workers"), connects = lab_said(run, "connects");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(key, sizeof(key), "%s_accepted", keys[i]);
		snprintf(what, sizeof(what), "%s: connections accepted", keys[i]);
		lab_equal(run, what, connects, lab_said(run, key));
	}
	verdict_own(run, workers, connects);
	verdict_shared(run, workers, connects);
}

const struct experiment lab_herd = {
	.name = "herd",
	.title = "The thundering herd on one port, and what calms it",
	.text = text,
	.program = "lab_herd",
	.verdict = verdict,
};
