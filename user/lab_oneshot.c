/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"Two threads wait on one epoll instance and serve one connection. In each round a request "
	"arrives, and a second one while the handler of the first is still at work.\n\n"
	"In the instance shared the connection is registered with EPOLLET. An edge goes to one thread "
	"only, which is often taken for a lock. It is none: the second request is a new edge, "
	"ep_poll_callback() links the item again and wakes the other thread, and both are in the "
	"handler of the same connection at once. What they read may be out of order, and what they "
	"share is in danger.\n\n"
	"In the instance oneshot it is registered with EPOLLONESHOT. When ep_send_events() delivers the "
	"event it clears the item's events; what is left of the mask are the flags that say how, "
	"not what (EP_PRIVATE_BITS): here the bit of EPOLLONESHOT. The second request still makes "
	"a callback, but ep_poll_callback() sees that the item is disabled and ignores it. The "
	"other thread sleeps on. When the handler is done it re-arms the item with EPOLL_CTL_MOD, "
	"and ep_modify() polls the file at once: it finds the second request there, and links the "
	"item. Nothing is lost, and one thread at a time is in the handler.\n\n"
	"The price is a system call per event, and a trap. In the instance forgotten the handler "
	"returns without re-arming: an early return, an error path. Requests arrive, callbacks are "
	"made and ignored, waits return nothing, and the item is still registered. Such an item is "
	"seen in /proc/PID/fdinfo/EPFD: its events are 40000000, EPOLLONESHOT and nothing else "
	"(c0000000 if EPOLLET was set, too). At the end it is re-armed, and the event is there at "
	"once. The cure: re-arm on every way out of the handler, as its last step.\n\n"
	"Look at: ignored callbacks and mods of the three instances, and how many threads wait while "
	"one works.";

static void two_threads(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds"), threads = lab_said(run, "threads");
	/* Two requests a round; and all threads see the level-triggered eventfd that ends them. */
	s64 events = 2 * rounds + threads, callbacks = 2 * rounds + 1;

	lab_equal(run, "shared: events", events, lab_figure(run, "shared", "delivered"));
	lab_equal(run, "oneshot: events", events, lab_figure(run, "oneshot", "delivered"));
	lab_equal(run, "shared: callbacks", callbacks, lab_figure(run, "shared", "callbacks"));
	lab_equal(run, "oneshot: callbacks", callbacks, lab_figure(run, "oneshot", "callbacks"));
	lab_equal(run, "shared: callbacks ignored", 0, lab_figure(run, "shared", "cb_ignored"));
	lab_equal(run, "oneshot: callbacks ignored", rounds,
		  lab_figure(run, "oneshot", "cb_ignored"));
	lab_equal(run, "shared: re-armed (EPOLL_CTL_MOD)", 0, lab_figure(run, "shared", "mods"));
	lab_equal(run, "oneshot: re-armed (EPOLL_CTL_MOD)", 2 * rounds,
		  lab_figure(run, "oneshot", "mods"));
	lab_equal(run, "shared: threads asleep during the work", 0,
		  lab_gauge(run, "shared", "waiters", "shared-work"));
	lab_equal(run, "oneshot: threads asleep during the work", threads - 1,
		  lab_gauge(run, "oneshot", "waiters", "oneshot-work"));
	lab_equal(run, "shared: rounds with both in the handler", rounds,
		  lab_said(run, "shared_together"));
	lab_equal(run, "oneshot: rounds with both in the handler", 0,
		  lab_said(run, "oneshot_together"));
}

static void verdict(struct lab_run *run)
{
	s64 lost = lab_said(run, "lost");

	two_threads(run);
	/* The one before it was forgotten, and the one after it was re-armed. */
	lab_equal(run, "forgotten: events", 2, lab_figure(run, "forgotten", "delivered"));
	lab_equal(run, "forgotten: waits that saw nothing", lost,
		  lab_figure(run, "forgotten", "ret_timeout"));
	lab_equal(run, "forgotten: callbacks ignored", lost,
		  lab_figure(run, "forgotten", "cb_ignored"));
	lab_equal(run, "forgotten: mask in fdinfo (0x40000000)", 0x40000000,
		  lab_said(run, "forgotten_mask"));
	lab_equal(run, "forgotten: bytes unread meanwhile", lost * lab_said(run, "request"),
		  lab_said(run, "forgotten_left"));
}

const struct experiment lab_oneshot = {
	.name = "oneshot",
	.title = "One connection, two threads, with and without EPOLLONESHOT",
	.text = text,
	.program = "lab_oneshot",
	.verdict = verdict,
};
