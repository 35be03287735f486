/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cases of wl_matrix: who waits on what, what is done in a round, and what the kernel then does
 * to each instance. The shapes are those of the kernel's own epoll_wakeup_test.c; the figures follow
 * from fs/eventpoll.c:
 *
 * - ep_poll_callback() wakes one thread of ep->wq, since ep_poll() queues itself as exclusive, and
 *   everybody on ep->poll_wait: poll() on the instance, and the items of instances that watch it.
 *   It does so also if the item was linked already.
 * - ep_send_events() puts a level-triggered item back, and at its end ep_done_scan() wakes the next
 *   thread of ep->wq if the ready list is not empty. So one event returns from all waits on a
 *   level-triggered item, one after the other, and from one on an edge-triggered.
 * - ep_eventpoll_poll(), for poll() as for a scan of the instance above, scans too: it leaves items
 *   that are ready where they are, whatever their mode, and drops the others. It wakes nobody on
 *   ep->poll_wait, it is no wait's scan, and no wakeup by it of ep->poll_wait is one of a waiter.
 * - A signal ends a wait only after one more scan (ep_poll() tries to harvest first).
 * - A one-shot item is disabled by its delivery: callbacks are ignored until EPOLL_CTL_MOD, which
 *   links and wakes without a callback if the file is ready.
 * - An exclusive item stops the walk of the file's wait queue if its instance had somebody to wake;
 *   the queue is in the order of EPOLL_CTL_ADD.
 * - eventfd_write() wakes with EPOLLIN, also when it adds 0, and eventfd_read() with EPOLLOUT, which
 *   no item here asks for: its callback is ignored and goes no level up.
 */
#ifndef TESTS_MATRIX_CASES_H
#define TESTS_MATRIX_CASES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define LEVELS_MAX 3
#define LT         0u
#define ET         ((uint32_t)EPOLLET)
#define ONESHOT    ((uint32_t)EPOLLONESHOT)
#define EXCLUSIVE  ((uint32_t)EPOLLEXCLUSIVE)

/* What one round does to an instance. All that is not here is 0: overflow, left over, errors. */
struct expect {
	int waits, events, timeouts, signals; /* one event per return with events */
	int callbacks, ready, already, ignored;
	int woken, wasted;
	int put_back, scans, mods;
};

struct matrix_case {
	const char *name;
	/*
	 * What a round does, after all threads have gone to sleep. After each of the first five all
	 * becomes quiet again; a digit is how many threads have returned by then, ~ any number.
	 *	w	write to the eventfd
	 *	z	write 0: a callback without an event
	 *	m	EPOLL_CTL_MOD with the same mask
	 *	s	a signal to each thread that still waits
	 *	o	one more write, if a thread of the top still waits: see observe()
	 *	r	read the eventfd
	 *	h H	epoll_wait() by the main thread on top, on level 1: one event
	 *	d D	the same: none. In an array of instances d goes to each
	 *	p	poll() on level 1: none; drops what is no longer ready
	 */
	const char *steps;
	bool array; /* instances side by side on one file, and not each on the next */
	int instances;
	uint32_t top, bottom; /* modes of the items: on instances, on the eventfd */
	int waiters, pollers; /* threads in epoll_wait() and in poll() on top; array: on each */
	int waiters_below, pollers_below; /* on level 1 */
	struct expect want[LEVELS_MAX];
};

/* clang-format off */
static const struct matrix_case matrix_cases[] = {
	/* wait ev to sg | cb rd al ig | wok was | put scn mod */
	{ "lt-1", "w1rd", false, 1, 0, LT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   1, 2, 0 } } },
	{ "lt-3", "w3rd", false, 1, 0, LT, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   2, 1, 0, 1,   3, 0,   3, 4, 0 } } },
	{ "et-1", "w1rd", false, 1, 0, ET, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   0, 1, 0 } } },
	{ "et-3", "w1w2w3rd", false, 1, 0, ET, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   4, 3, 0, 1,   3, 0,   0, 3, 0 } } },
	{ "et-3-signal", "w1s3rd", false, 1, 0, ET, 3, 0, 0, 0,
	  { { 4, 1, 1, 2,   2, 1, 0, 1,   1, 0,   0, 3, 0 } } },
	{ "oneshot-1", "w1w1rm1d", false, 1, 0, ONESHOT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   3, 1, 0, 2,   1, 0,   0, 1, 1 } } },
	{ "oneshot-3", "w1w1m2m3rm3d", false, 1, 0, ONESHOT, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   3, 1, 0, 2,   3, 0,   0, 3, 3 } } },

	/* Woken by a callback, the scan finds nothing, and the thread sleeps again. */
	{ "empty-lt-1", "z0w1rd", false, 1, 0, LT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   3, 2, 0, 1,   2, 1,   1, 3, 0 } } },
	{ "empty-et-3", "z0w1w2w3rd", false, 1, 0, ET, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   5, 4, 0, 1,   4, 1,   0, 4, 0 } } },
	{ "empty-lt-signal", "z0s3d", false, 1, 0, LT, 3, 0, 0, 0,
	  { { 4, 0, 1, 3,   1, 1, 0, 0,   1, 1,   0, 4, 0 } } },

	/* Three instances on one file, a thread each: all of them, or by EPOLLEXCLUSIVE one. */
	{ "herd", "w3rd", true, 3, 0, LT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   1, 2, 0 },
	    { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   1, 2, 0 },
	    { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   1, 2, 0 } } },
	{ "exclusive-lt", "w1w2w3rd", true, 3, 0, LT | EXCLUSIVE, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   4, 1, 2, 1,   1, 0,   1, 2, 0 },
	    { 2, 1, 1, 0,   3, 1, 1, 1,   1, 0,   1, 2, 0 },
	    { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   1, 2, 0 } } },
	/* What comes when the thread has gone is linked, and dropped when d finds it read. */
	{ "exclusive-et", "w1w2w3rd", true, 3, 0, ET | EXCLUSIVE, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   4, 2, 1, 1,   1, 0,   0, 2, 0 },
	    { 2, 1, 1, 0,   3, 2, 0, 1,   1, 0,   0, 2, 0 },
	    { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   0, 1, 0 } } },

	/* poll() on the instance: all of them return, none takes the event, nobody is on ep->wq. */
	{ "poll-lt-1", "w1hrd", false, 1, 0, LT, 0, 1, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   0, 0,   1, 2, 0 } } },
	{ "poll-lt-3", "w3hrd", false, 1, 0, LT, 0, 3, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   0, 0,   1, 2, 0 } } },
	{ "poll-et-1", "w1hrd", false, 1, 0, ET, 0, 1, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   0, 0,   0, 1, 0 } } },
	{ "poll-et-3", "w3hrd", false, 1, 0, ET, 0, 3, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   0, 0,   0, 1, 0 } } },
	{ "poll-empty-3", "z0w3hrd", false, 1, 0, LT, 0, 3, 0, 0,
	  { { 2, 1, 1, 0,   3, 2, 0, 1,   0, 0,   1, 2, 0 } } },
	{ "poll-and-wait-lt", "w2rd", false, 1, 0, LT, 1, 1, 0, 0,
	  { { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   1, 2, 0 } } },
	/* The wait takes the event, before or after poll() has looked: that may need another one. */
	{ "poll-and-wait-et", "w~w2hrd", false, 1, 0, ET, 1, 1, 0, 0,
	  { { 3, 2, 1, 0,   3, 2, 0, 1,   1, 0,   0, 2, 0 } } },

	/* Two levels: nobody waits on the lower one, so that its item stays linked. */
	{ "2-lt-1", "w1rd", false, 2, LT, LT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-lt-3", "w3rd", false, 2, LT, LT, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   1, 1, 0, 0,   3, 0,   3, 4, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-lt-et-3", "w3rd", false, 2, LT, ET, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   1, 1, 0, 0,   3, 0,   3, 4, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-et-lt-1", "w1rdp", false, 2, ET, LT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   0, 1, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-et-lt-3", "w1w2w3rdp", false, 2, ET, LT, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   3, 3, 0, 0,   3, 0,   0, 3, 0 },
	    { 0, 0, 0, 0,   4, 1, 2, 1,   0, 0,   0, 0, 0 } } },
	{ "2-et-3", "w1w2w3rdp", false, 2, ET, ET, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   3, 3, 0, 0,   3, 0,   0, 3, 0 },
	    { 0, 0, 0, 0,   4, 1, 2, 1,   0, 0,   0, 0, 0 } } },
	{ "2-oneshot-1", "w1rdp", false, 2, LT, ONESHOT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-empty-lt-1", "z0w1rd", false, 2, LT, LT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   2, 2, 0, 0,   2, 1,   1, 3, 0 },
	    { 0, 0, 0, 0,   3, 2, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-poll-lt-3", "w3hrd", false, 2, LT, LT, 0, 3, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   0, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-poll-et-1", "w1hrdp", false, 2, ET, ET, 0, 1, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   0, 0,   0, 1, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-poll-et-3", "w3hrdp", false, 2, ET, ET, 0, 3, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   0, 0,   0, 1, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "2-poll-and-wait-lt", "w2rd", false, 2, LT, LT, 1, 1, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	/* Waits on both levels. */
	{ "2-both-lt", "w2rdD", false, 2, LT, LT, 1, 0, 1, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   1, 1, 0 } } },
	/* Below takes the event, before or after the scan on top has looked. */
	{ "2-both-et", "w~o2rdDp", false, 2, ET, ET, 1, 0, 1, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   0, 1, 0 },
	    { 2, 1, 1, 0,   2, 1, 0, 1,   1, 0,   0, 1, 0 } } },
	{ "2-poll-below", "w2rd", false, 2, LT, LT, 1, 0, 0, 1,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },

	/* Three levels. */
	{ "3-lt-1", "w1rd", false, 3, LT, LT, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   1, 1, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "3-lt-3", "w3rd", false, 3, LT, LT, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   1, 1, 0, 0,   3, 0,   3, 4, 0 },
	    { 0, 0, 0, 0,   1, 1, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "3-et-1", "w1rdp", false, 3, ET, ET, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   0, 1, 0 },
	    { 0, 0, 0, 0,   1, 1, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "3-et-3", "w1w2w3rdp", false, 3, ET, ET, 3, 0, 0, 0,
	  { { 4, 3, 1, 0,   3, 3, 0, 0,   3, 0,   0, 3, 0 },
	    { 0, 0, 0, 0,   3, 1, 2, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   4, 1, 2, 1,   0, 0,   0, 0, 0 } } },
	{ "3-empty-et-1", "z0w1rdp", false, 3, ET, ET, 1, 0, 0, 0,
	  { { 2, 1, 1, 0,   2, 2, 0, 0,   2, 1,   0, 2, 0 },
	    { 0, 0, 0, 0,   2, 2, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   3, 2, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "3-poll-lt-1", "w1hrd", false, 3, LT, LT, 0, 1, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   0, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   1, 1, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "3-poll-lt-3", "w3hrd", false, 3, LT, LT, 0, 3, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   0, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   1, 1, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "3-poll-and-wait-lt", "w2rd", false, 3, LT, LT, 1, 1, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 0, 0, 0, 0,   1, 1, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	/* Waits on top and on the middle one. */
	{ "3-both-lt", "w2rdD", false, 3, LT, LT, 1, 0, 1, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 2, 0 },
	    { 2, 1, 1, 0,   1, 1, 0, 0,   1, 0,   1, 1, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
	{ "3-poll-et-3", "w3hrdp", false, 3, ET, ET, 0, 3, 0, 0,
	  { { 2, 1, 1, 0,   1, 1, 0, 0,   0, 0,   0, 1, 0 },
	    { 0, 0, 0, 0,   1, 1, 0, 0,   0, 0,   0, 0, 0 },
	    { 0, 0, 0, 0,   2, 1, 0, 1,   0, 0,   0, 0, 0 } } },
};
/* clang-format on */

#endif
