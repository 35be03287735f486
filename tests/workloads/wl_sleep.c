/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Known times. In each round a descriptor becomes ready while the loop sleeps, so that it is
 * delivered late, and the handler burns the processor before the loop comes back. The truth of each
 * interval lies within bounds that are measured here.
 */
#include <inttypes.h>
#include <unistd.h>

#include "bounds.h"
#include "wl.h"

static int64_t rounds = 20, sleep_ms = 5, busy_ms = 2, timeout_ms;

/* callback -> return that delivers; return -> next wait; entry -> return of a wait */
static struct bounds ready = { .name = "ready" };
static struct bounds handler = { .name = "handler" };
static struct bounds blocked = { .name = "blocked" };

/* The last wait: when it was called, can have returned at the earliest, was back; 0: none. */
static int64_t last_called, last_floor, last_back;

static int wait_timed(int epfd, int timeout)
{
	struct epoll_event ev;
	int64_t call = now_ns(), back, slept;
	int n = wl_wait(epfd, &ev, 1, timeout);

	back = now_ns();
	/* A wait that timed out was in the kernel for all of its timeout at least. */
	slept = n ? 0 : timeout * NS_PER_MS;
	if (last_back)
		bounds_add(&handler, call - last_back, back - slept - last_floor);
	bounds_add(&blocked, slept, back - call);
	last_called = call;
	last_floor = call + slept;
	last_back = back;
	return n;
}

static void round_run(int epfd, int fd)
{
	int64_t before_write = now_ns(), after_write;

	wl_eventfd_write(fd);
	after_write = now_ns();
	sleep_ns(sleep_ms * NS_PER_MS);
	if (wait_timed(epfd, 0) != 1)
		die("the event was not delivered");
	bounds_add(&ready, last_called - after_write, last_back - before_write);
	wl_eventfd_read(fd);
	burn_ns(busy_ms * NS_PER_MS);
	if (timeout_ms && wait_timed(epfd, (int)timeout_ms))
		die("the wait did not time out");
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "events", 1, 1000000 },
		{ "sleep-ms", OPT_NUM, &sleep_ms, "MS",
		  "between becoming ready and the wait that delivers", 0, 60000 },
		{ "busy-ms", OPT_NUM, &busy_ms, "MS", "of the handler", 0, 60000 },
		{ "timeout-ms", OPT_NUM, &timeout_ms, "MS",
		  "after each handler a wait that times out, 0: none", 0, 60000 },
		{ .name = NULL },
	};
	int epfd, fd;

	wl_init("Known latencies: ready to delivered, handler time, time inside a wait.",
		"  wl_sleep --sleep-ms 5 --busy-ms 2\n"
		"  wl_sleep --sleep-ms 0 --busy-ms 0 --timeout-ms 10\n",
		opts, argc, argv);
	wl_setup();
	epfd = wl_epoll_open();
	fd = wl_eventfd();
	wl_ctl_must(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | (uint32_t)EPOLLET);
	wl_go(&epfd, 1);
	for (int64_t i = 0; i < rounds; i++)
		round_run(epfd, fd);
	bounds_say(&ready);
	bounds_say(&handler);
	bounds_say(&blocked);
	wl_add(WL_CALLBACKS, (uint64_t)rounds * 2);
	wl_add(WL_CB_READY, (uint64_t)rounds);
	wl_add(WL_CB_IGNORED, (uint64_t)rounds);
	wl_add(WL_PUT_BACK, 0);
	wl_add(WL_WOKEN, 0);
	wl_add(WL_WASTED, 0);
	wl_publish();
	wl_epoll_close(epfd, 1);
	return 0;
}
