/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instances, items and threads in any number, and waits that never sleep at any rate: what epscope
 * costs at a size, and how many rows per second it takes. Before the go nothing happens. Calls are
 * counted by each thread for itself: a shared counter would be the bottleneck.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "wl.h"

#define TICK_NS   NS_PER_MS /* a thread makes what is due, then sleeps to its next tick */
#define READY_MAX 256
#define CLOCK_ONE 64 /* calls between two looks at the clock */

static int64_t instances = 1, items = 10, ready, threads = 1, rate, duration_ns = NS_PER_S, others;

static int *epfds;

static struct loader {
	pthread_t thread;
	int64_t first; /* of the instances, which it takes in turn */
	int64_t start;
	uint64_t waits, delivered, empty;
} * loaders;

/* Level-triggered and never read: what is ready stays so, and each wait delivers it. */
static void instances_open(void)
{
	int fd;

	for (int64_t i = 0; i < instances; i++) {
		epfds[i] = wl_epoll_open();
		for (int64_t k = 0; k < items; k++) {
			fd = wl_eventfd();
			wl_ctl_must(epfds[i], EPOLL_CTL_ADD, fd, EPOLLIN);
			if (k < ready)
				wl_eventfd_write(fd);
		}
	}
}

/* Descriptors that are no instances and in none. */
static void others_open(void)
{
	for (int64_t i = 0; i < others; i++) {
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			die_errno("cannot open /dev/null");
	}
}

static void wait_once(struct loader *l, int epfd)
{
	struct epoll_event events[READY_MAX];
	int n = epoll_wait(epfd, events, READY_MAX, 0);

	if (n != (int)ready)
		die_errno("a wait returned %d, not %" PRId64, n, ready);
	l->waits++;
	l->delivered += (uint64_t)n;
	l->empty += !n;
}

/* Waits that this thread should have made by then. */
static uint64_t due(const struct loader *l, int64_t now)
{
	return (uint64_t)((double)(now - l->start) * (double)rate / (double)threads / NS_PER_S);
}

static void *loader_run(void *arg)
{
	struct loader *l = arg;
	int64_t end = l->start + duration_ns, at = l->first, now;
	uint64_t target;

	for (now = now_ns(); now < end; now = now_ns()) {
		target = rate ? due(l, now) : l->waits + CLOCK_ONE;
		/* One that cannot keep up goes on without a pause, but looks at the clock. */
		for (int i = 0; i < CLOCK_ONE && l->waits < target; i++) {
			wait_once(l, epfds[at]);
			at = at + threads < instances ? at + threads : l->first;
		}
		if (l->waits >= target && rate)
			sleep_until_ns(now + TICK_NS);
	}
	return NULL;
}

static void load_run(void)
{
	int64_t start = now_ns();

	for (int64_t i = 0; i < threads; i++) {
		loaders[i].first = i % instances;
		loaders[i].start = start;
		if (pthread_create(&loaders[i].thread, NULL, loader_run, &loaders[i]))
			die("cannot start a thread; lower --threads");
	}
	for (int64_t i = 0; i < threads; i++) {
		pthread_join(loaders[i].thread, NULL);
		wl_add(WL_WAITS, loaders[i].waits);
		wl_add(WL_RETURNS_EVENTS, loaders[i].waits - loaders[i].empty);
		wl_add(WL_RETURNS_TIMEOUT, loaders[i].empty);
		wl_add(WL_DELIVERED, loaders[i].delivered);
		wl_add(WL_PUT_BACK, loaders[i].delivered);
	}
	wl_say("load_ns=%" PRId64, now_ns() - start);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "instances", OPT_NUM, &instances, "N", "to create", 1, 100000 },
		{ "items", OPT_NUM, &items, "N", "in each", 0, 1000000 },
		{ "ready", OPT_NUM, &ready, "N", "of them all the time", 0, READY_MAX },
		{ "threads", OPT_NUM, &threads, "N", "that wait, each in its instances in turn", 1,
		  1000 },
		{ "rate", OPT_NUM, &rate, "R", "waits per second in all, 0: as fast as they go", 0,
		  100000000 },
		{ "duration", OPT_SECONDS, &duration_ns, "S", "of the waits", 0, 600 },
		{ "others", OPT_NUM, &others, "N", "descriptors that epoll has nothing to do with",
		  0, 1000000 },
		{ .name = NULL },
	};

	wl_init("Instances, items and threads in any number, and waits at any rate.",
		"  wl_load --instances 100 --items 100 --ready 1 --rate 1000 --duration 10\n"
		"  wl_load --threads 2 --instances 2 --ready 1 --duration 5     full speed\n",
		opts, argc, argv);
	if (ready > items)
		die_usage("--ready: more than --items");
	nofile_need(instances * (items + 1) + others + 32);
	epfds = calloc((size_t)instances, sizeof(*epfds));
	loaders = calloc((size_t)threads, sizeof(*loaders));
	if (!epfds || !loaders)
		die("out of memory");
	others_open();
	wl_setup();
	instances_open();
	wl_go(epfds, (int)instances);
	load_run();
	wl_publish();
	for (int64_t i = 0; i < instances; i++)
		wl_epoll_close(epfds[i], items);
	free(epfds);
	free(loaders);
	return 0;
}
