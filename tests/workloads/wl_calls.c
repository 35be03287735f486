/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a system call takes, one thread, one call after the other: the least time of many short
 * blocks, which is nearly the same on a busy machine as on an idle one.
 */
#include <inttypes.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wl.h"

#define EVENTS_MAX 64

static int64_t blocks = 200, calls = 1000;
static int none, one, many; /* instances with so many ready items */
static int quiet_fd;        /* the item of the first */

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void call_ctl(void)
{
	wl_ctl(none, EPOLL_CTL_MOD, quiet_fd, EPOLLIN);
}

static void wait_on(int epfd)
{
	struct epoll_event events[EVENTS_MAX];

	wl_wait(epfd, events, EVENTS_MAX, 0);
}

static void call_wait_none(void)
{
	wait_on(none);
}

static void call_wait_one(void)
{
	wait_on(one);
}

static void call_wait_many(void)
{
	wait_on(many);
}

static int64_t block_ns(void (*call)(void))
{
	int64_t begin = now_ns();

	for (int64_t i = 0; i < calls; i++)
		call();
	return now_ns() - begin;
}

static void measure(const char *name, void (*call)(void))
{
	int64_t least = INT64_MAX;

	for (int64_t i = 0; i < blocks; i++) {
		int64_t ns = block_ns(call);

		least = ns < least ? ns : least;
	}
	wl_say("%s=%" PRId64, name, least / calls);
}

static int instance_ready(int items)
{
	int epfd = wl_epoll_open();

	for (int i = 0; i < items; i++) {
		int fd = wl_eventfd();

		wl_ctl_must(epfd, EPOLL_CTL_ADD, fd, EPOLLIN);
		wl_eventfd_write(fd);
	}
	return epfd;
}

int main(int argc, char **argv)
{
	int64_t events = 16;
	const struct opt opts[] = {
		{ "blocks", OPT_NUM, &blocks, "N", "of calls, of which the fastest counts", 1,
		  100000 },
		{ "calls", OPT_NUM, &calls, "N", "of a block", 1, 1000000 },
		{ "events", OPT_NUM, &events, "N", "that ns_wait_many returns", 1, EVENTS_MAX },
		{ .name = NULL },
	};

	wl_init("Nanoseconds per system call, also one that has nothing to do with epoll.",
		"  wl_calls --events 16 --go-signal --ready-file ready\n", opts, argc, argv);
	wl_setup();
	none = instance_ready(0);
	quiet_fd = wl_eventfd();
	wl_ctl_must(none, EPOLL_CTL_ADD, quiet_fd, EPOLLIN);
	one = instance_ready(1);
	many = instance_ready((int)events);
	wl_go((int[]){ none, one, many }, 3);
	measure("ns_getppid", call_getppid);
	measure("ns_ctl", call_ctl);
	measure("ns_wait_none", call_wait_none);
	measure("ns_wait_one", call_wait_one);
	measure("ns_wait_many", call_wait_many);
	wl_publish();
	wl_epoll_close(none, 1);
	wl_epoll_close(one, 1);
	wl_epoll_close(many, events);
	return 0;
}
