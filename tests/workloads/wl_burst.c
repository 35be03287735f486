/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One instance whose items are all ready all the time (LT, never read): lists and returns as long as
 * they get. Each wait delivers as many as its array holds, and all of these are put back.
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "wl.h"

#define ROUNDS_MAX 1000000

static int64_t items = 3000, batch = 3000, rounds = 10;
static bool same_data, unmap;

static struct epoll_event *events;
static size_t events_size;
static _Atomic bool stop;

/* On a CPU of its own, if there are two: what happens inside the kernel's return is to be hit. */
static void cpu_take(bool last)
{
	cpu_set_t have, one;

	if (sched_getaffinity(0, sizeof(have), &have))
		die_errno("cannot ask for the CPUs");
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && (last || !CPU_COUNT(&one)); i++) {
		if (!CPU_ISSET(i, &have))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
	}
	sched_setaffinity(0, sizeof(one), &one);
}

/* Takes the pages of the event array away again and again: who reads it later finds zeros or nothing. */
static void *unmap_run(void *arg)
{
	(void)arg;
	cpu_take(true);
	while (!stop)
		madvise(events, events_size, MADV_DONTNEED);
	return NULL;
}

static void rounds_run(int epfd)
{
	int64_t delivered = items < batch ? items : batch;
	pthread_t thread;

	if (unmap && pthread_create(&thread, NULL, unmap_run, NULL))
		die("cannot start a thread");
	if (unmap)
		cpu_take(false);
	for (int64_t i = 0, taken = 0; i < rounds || (unmap && taken < rounds); i++) {
		if (i == ROUNDS_MAX)
			die("the pages were not taken away in time");
		if (wl_wait(epfd, events, (int)batch, 0) != delivered)
			die("a wait did not deliver %" PRId64 " events", delivered);
		wl_add(WL_PUT_BACK, (uint64_t)delivered);
		wl_add(WL_LEFT_OVER, (uint64_t)(items - delivered));
		taken += !events[delivered - 1].events;
	}
	stop = true;
	if (unmap)
		pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "items", OPT_NUM, &items, "N", "ready all the time", 1, 1000000 },
		{ "batch", OPT_NUM, &batch, "N", "events that one wait takes", 1, 1000000 },
		{ "rounds", OPT_NUM, &rounds, "N", "waits", 1, ROUNDS_MAX },
		{ "same-data", OPT_FLAG, &same_data, NULL,
		  "register every item with the same user data" },
		{ "unmap", OPT_FLAG, &unmap, NULL,
		  "a thread takes the event array's pages away; rounds: that it did so in time" },
		{ .name = NULL },
	};
	int epfd, fd;

	wl_init("Long ready lists and long returns.",
		"  wl_burst --items 3000 --batch 3000\n  wl_burst --items 3000 --batch 10\n", opts,
		argc, argv);
	nofile_need(items + 32);
	events_size = (size_t)batch * sizeof(*events);
	events =
		mmap(NULL, events_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (events == MAP_FAILED)
		die_errno("no memory for %" PRId64 " events", batch);
	wl_setup();
	epfd = wl_epoll_open();
	for (int64_t i = 0; i < items; i++) {
		fd = wl_eventfd();
		if (wl_ctl_data(epfd, EPOLL_CTL_ADD, fd, EPOLLIN, same_data ? 1 : (uint64_t)fd))
			die_errno("epoll_ctl failed");
		wl_eventfd_write(fd);
	}
	wl_go(&epfd, 1);
	wl_add(WL_WOKEN, 0);
	rounds_run(epfd);
	wl_publish();
	wl_epoll_close(epfd, items);
	return 0;
}
