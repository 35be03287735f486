/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fills ep->ovflist on purpose. The waiter's event array lies on a page that userfaultfd answers
 * for, so ep_send_events() stops in the middle of its scan, at the first event it copies out. What
 * becomes ready until the page is given goes to ep->ovflist, as many items as were written to.
 */
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "bounds.h"
#include "held_page.h"
#include "wl.h"

static const char *const modes[] = { "lt", "et", NULL };

static int mode;
static int64_t rounds = 10, items = 5, again, hold_scan_ns;
static bool twice;
static struct bounds ready = { .name = "ready" }; /* of the trigger alone */
static int64_t waiter_back;

static int epfd, trigger;
static int *others;
static struct epoll_event *array; /* on the page without memory */
static size_t page_size;
static sem_t begin, done;

static void *waiter_run(void *arg)
{
	int max = (int)(page_size / sizeof(*array));

	(void)arg;
	for (int64_t i = 0; i < rounds; i++) {
		sem_wait(&begin);
		if (wl_wait(epfd, array, max, 0) != 1)
			die("the stopped scan did not deliver the trigger alone");
		waiter_back = now_ns();
		sem_post(&done);
	}
	return NULL;
}

/* Write to everything while the scan is stopped. */
static void overflow_fill(void)
{
	for (int64_t i = 0; i < items; i++)
		wl_eventfd_write(others[i]);
	wl_add(WL_CALLBACKS, (uint64_t)items);
	wl_add(WL_CB_OVERFLOW, (uint64_t)items);
	wl_add(WL_OVERFLOW, (uint64_t)items);
	for (int64_t k = 0; k < again; k++) {
		for (int64_t i = 0; i < items; i++)
			wl_eventfd_write(others[i]);
	}
	/* Nothing happens to an item that is on ovflist already. */
	wl_add(WL_CALLBACKS, (uint64_t)(items * again));
	wl_add(WL_CB_ALREADY, (uint64_t)(items * again));
}

/* When the trigger was written to: the moments right before and right after. */
struct written {
	int64_t before, after;
};

static struct written trigger_write(void)
{
	struct written w = { .before = now_ns() };

	wl_eventfd_write(trigger);
	w.after = now_ns();
	wl_add(WL_CALLBACKS, 1);
	return w;
}

/* Collect what came over ovflist, empty all descriptors and, with LT, the ready list. */
static void overflow_collect(struct epoll_event *events, const struct written *second)
{
	/* LT reports the trigger again: not yet read */
	int all = (int)items + (!mode || twice ? 1 : 0);
	int64_t called = now_ns();
	int n = wl_wait(epfd, events, (int)items + 1, 0);

	if (twice)
		bounds_add(&ready, called - second->after, now_ns() - second->before);
	if (n != all)
		die("%d events came after the scan instead of %d", n, all);
	wl_add(WL_PUT_BACK, (uint64_t)(mode ? 0 : n + 1));
	for (int64_t i = 0; i < items; i++)
		wl_eventfd_read(others[i]);
	wl_eventfd_read(trigger);
	wl_add(WL_CALLBACKS, (uint64_t)items + 1);
	wl_add(WL_CB_IGNORED, (uint64_t)items + 1);
	if (!mode && wl_wait(epfd, events, 1, 0))
		die("events left over");
}

/* Linked, and read before anyone waits: the scan that looks at it delivers nothing. */
static void trigger_drop(struct epoll_event *events)
{
	trigger_write();
	wl_eventfd_read(trigger);
	wl_add(WL_CALLBACKS, 1);
	wl_add(WL_CB_READY, 1);
	wl_add(WL_CB_IGNORED, 1);
	if (wl_wait(epfd, events, (int)items + 1, 0))
		die("what was read was delivered");
	sleep_ns(hold_scan_ns * 3); /* nobody may take its time for that of the next */
}

static void round_run(struct epoll_event *events)
{
	struct written first, second = { 0 };
	int64_t given;

	if (twice)
		trigger_drop(events);
	first = trigger_write();
	wl_add(WL_CB_READY, 1);
	sem_post(&begin);
	held_page_await();
	overflow_fill();
	sleep_ns(hold_scan_ns);
	if (twice) { /* it is being delivered, and on no list */
		second = trigger_write();
		wl_add(WL_CB_OVERFLOW, 1);
		wl_add(WL_OVERFLOW, 1);
	}
	given = now_ns();
	held_page_give();
	sem_wait(&done);
	if (twice)
		bounds_add(&ready, given - first.after, waiter_back - first.before);
	overflow_collect(events, &second);
	held_page_take_back();
}

static void items_open(void)
{
	uint32_t mask = EPOLLIN | (mode ? (uint32_t)EPOLLET : 0);

	epfd = wl_epoll_open();
	trigger = wl_eventfd();
	wl_ctl_must(epfd, EPOLL_CTL_ADD, trigger, mask);
	others = calloc((size_t)items + 1, sizeof(*others));
	if (!others)
		die("out of memory");
	for (int64_t i = 0; i < items; i++) {
		others[i] = wl_eventfd();
		wl_ctl_must(epfd, EPOLL_CTL_ADD, others[i], mask);
	}
}

static void rounds_run(void)
{
	struct epoll_event *events = calloc((size_t)items + 1, sizeof(*events));
	pthread_t waiter;

	if (!events)
		die("out of memory");
	sem_init(&begin, 0, 0);
	sem_init(&done, 0, 0);
	if (pthread_create(&waiter, NULL, waiter_run, NULL))
		die("cannot start a thread");
	for (int64_t i = 0; i < rounds; i++)
		round_run(events);
	pthread_join(waiter, NULL);
	free(events);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "stopped scans", 1, 100000 },
		{ "items", OPT_NUM, &items, "N", "that become ready during each", 0, 10000 },
		{ "again", OPT_NUM, &again, "N", "more writes to each of them", 0, 1000 },
		{ "mode", OPT_CHOICE, &mode, "lt|et", "level- or edge-triggered",
		  .choices = modes },
		{ "scan-hold", OPT_SECONDS, &hold_scan_ns, "S",
		  "keep each scan stopped so long; fdinfo of the instance blocks meanwhile", 0,
		  60 },
		{ "twice", OPT_FLAG, &twice, NULL,
		  "with et: write to the item that a stopped scan delivers, too" },
		{ .name = NULL },
	};

	wl_init("Fills the overflow list of an instance by stopping its scan; needs root.",
		"  wl_overflow --rounds 100 --items 7\n  wl_overflow --rounds 1 --scan-hold 5\n",
		opts, argc, argv);
	if (twice && !mode)
		die("--twice needs --mode et");
	nofile_need(items + 32);
	array = held_page_open(&page_size);
	wl_setup();
	items_open();
	wl_go(&epfd, 1);
	wl_add(WL_WOKEN, 0);
	wl_add(WL_WASTED, 0);
	rounds_run();
	wl_say("stopped_scans=%" PRId64, rounds);
	if (twice && !items)
		bounds_say(&ready);
	wl_publish();
	wl_epoll_close(epfd, items + 1);
	free(others);
	return 0;
}
