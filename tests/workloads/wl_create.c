/* SPDX-License-Identifier: GPL-2.0 */
/* Instances that come and go, each with a few items and a wait or two. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "wl.h"

static int64_t instances = 1000, items = 3, live = 1, inside, pause_us;

struct instance {
	int epfd; /* 0: not open */
	int64_t number;
	int *fds;
};

/* One event through each, so that an instance shows more than its birth and death. */
static void instance_open(struct instance *in)
{
	struct epoll_event ev;

	in->epfd = wl_epoll_open();
	for (int64_t i = 0; i < items; i++) {
		in->fds[i] = wl_eventfd();
		wl_ctl_must(in->epfd, EPOLL_CTL_ADD, in->fds[i], EPOLLIN);
	}
	if (!items)
		return;
	wl_eventfd_write(in->fds[0]);
	if (wl_wait(in->epfd, &ev, 1, 0) != 1)
		die("the event was not delivered");
	wl_add(WL_CALLBACKS, 1);
	wl_add(WL_CB_READY, 1);
	wl_add(WL_PUT_BACK, 1);
}

static void instance_close(struct instance *in)
{
	if (!in->epfd)
		return;
	/* The items go first, each as a release; those of the first instances go with it. */
	for (int64_t i = 0; i < items && in->number >= inside; i++)
		wl_close_registered(in->fds[i], 1);
	wl_epoll_close(in->epfd, in->number < inside ? items : 0);
	in->epfd = 0;
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "instances", OPT_NUM, &instances, "N", "to create and destroy", 1, 10000000 },
		{ "items", OPT_NUM, &items, "N", "in each", 0, 1000 },
		{ "inside", OPT_NUM, &inside, "N",
		  "the first N are closed with their items inside, which stay open", 0, 10000 },
		{ "live", OPT_NUM, &live, "N", "at the same time, the oldest goes first", 1, 1000 },
		{ "pause-us", OPT_NUM, &pause_us, "US", "between one and the next", 0, 1000000 },
		{ .name = NULL },
	};
	struct instance *ring;

	wl_init("Creates and destroys instances with a few items each.",
		"  wl_create --instances 1000 --items 3\n  wl_create --live 100 --hold 10\n", opts,
		argc, argv);
	nofile_need((live + inside) * (items + 1) + 32);
	ring = calloc((size_t)live, sizeof(*ring));
	for (int64_t i = 0; ring && i < live; i++)
		ring[i].fds = calloc((size_t)items + 1, sizeof(int));
	if (!ring || !ring[live - 1].fds)
		die("out of memory");
	wl_setup();
	wl_go(NULL, 0);
	wl_add(WL_WOKEN, 0);
	wl_add(WL_CALLBACKS, 0);
	for (int64_t i = 0; i < instances; i++) {
		struct instance *in = &ring[i % live];

		instance_close(in);
		in->number = i;
		instance_open(in);
		if (pause_us)
			sleep_ns(pause_us * NS_PER_US);
	}
	/* Those that live are seen by a snapshot during --hold. */
	wl_say("live=%" PRId64, instances < live ? instances : live);
	wl_publish();
	for (int64_t i = 0; i < live; i++) {
		instance_close(&ring[i]);
		free(ring[i].fds);
	}
	free(ring);
	return 0;
}
