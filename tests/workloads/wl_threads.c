/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that come and go on one instance. Each generation sleeps in epoll_wait together; with
 * EPOLLET one write wakes exactly one of them, which takes the event and ends.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "wl.h"

static int64_t thread_count = 8, generations = 5;

static int epfd, fd;
static _Atomic int64_t taken;
static _Atomic long switches; /* voluntary ones inside epoll_wait, of all threads */

static struct sleeper {
	pthread_t thread;
	_Atomic pid_t tid;
	_Atomic bool done;
} * sleepers;

static void *sleeper_run(void *arg)
{
	struct sleeper *s = arg;
	struct rusage before, after;
	struct epoll_event ev;

	getrusage(RUSAGE_THREAD, &before);
	s->tid = gettid();
	if (wl_wait(epfd, &ev, 1, -1) != 1)
		die("epoll_wait did not return one event");
	getrusage(RUSAGE_THREAD, &after);
	switches += after.ru_nvcsw - before.ru_nvcsw;
	if (!wl_eventfd_read(fd))
		die("somebody else took the event");
	s->done = true;
	taken++;
	return NULL;
}

/* All threads that have not had their event sleep. */
static void rest_await_sleep(void)
{
	for (int64_t i = 0; i < thread_count; i++) {
		while (!sleepers[i].tid)
			sleep_ns(50 * NS_PER_US);
		if (!sleepers[i].done)
			wl_await_sleep(sleepers[i].tid);
	}
}

static void generation_run(void)
{
	taken = 0;
	for (int64_t i = 0; i < thread_count; i++) {
		sleepers[i].tid = 0;
		sleepers[i].done = false;
		if (pthread_create(&sleepers[i].thread, NULL, sleeper_run, &sleepers[i]))
			die("cannot start a thread");
	}
	for (int64_t i = 0; i < thread_count; i++) {
		int64_t limit = now_ns() + 10 * NS_PER_S;

		rest_await_sleep();
		wl_eventfd_write(fd);
		while (taken <= i) {
			if (now_ns() > limit)
				die("nobody took the event within 10 s");
			sleep_ns(20 * NS_PER_US);
		}
	}
	for (int64_t i = 0; i < thread_count; i++)
		pthread_join(sleepers[i].thread, NULL);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "threads", OPT_NUM, &thread_count, "N", "at a time", 1, 1000 },
		{ "generations", OPT_NUM, &generations, "N", "of threads", 1, 100000 },
		{ .name = NULL },
	};
	uint64_t total;

	wl_init("Threads that come and go, all waiting on one instance.",
		"  wl_threads --threads 16 --generations 10\n", opts, argc, argv);
	total = (uint64_t)(thread_count * generations);
	sleepers = calloc((size_t)thread_count, sizeof(*sleepers));
	if (!sleepers)
		die("out of memory");
	wl_setup();
	epfd = wl_epoll_open();
	fd = wl_eventfd();
	wl_ctl_must(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | (uint32_t)EPOLLET);
	wl_go(&epfd, 1);
	for (int64_t i = 0; i < generations; i++)
		generation_run();
	wl_say("thread_exits=%" PRIu64, total);
	wl_say("in_wait_peak=%" PRId64, thread_count);
	wl_say("voluntary_switches=%ld", switches);
	wl_add(WL_WOKEN, total);
	wl_add(WL_WASTED, 0);
	wl_add(WL_PUT_BACK, 0);
	wl_add(WL_CALLBACKS, 2 * total);
	wl_add(WL_CB_READY, total);
	wl_add(WL_CB_IGNORED, total);
	wl_publish();
	wl_epoll_close(epfd, 1);
	free(sleepers);
	return 0;
}
