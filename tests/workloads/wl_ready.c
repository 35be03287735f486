/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ready list that never rests, and of which each moment is known: items become ready one after the
 * other in the order of their user data, round and round, and leave it from its head as the next ones
 * come. So it is always a run of neighbours, not longer than --most. In between it rests some times as
 * long as that took, so that it can be read at all, on a slow machine as well.
 */
#include <stdlib.h>

#include "wl.h"

static int64_t items = 1500, most = 1000, moves = 200, rest = 9, duration = 60;

/* The first one, or the list was not what it is said to be. */
static void take(int epfd, int64_t expected)
{
	struct epoll_event ev;

	if (wl_wait(epfd, &ev, 1, 0) != 1)
		die("nothing on the ready list");
	if (ev.data.u64 != (uint64_t)expected)
		die("item %llu at the head of the list instead of %lld",
		    (unsigned long long)ev.data.u64, (long long)expected);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "items", OPT_NUM, &items, "N", "in all", 1, 10000 },
		{ "most", OPT_NUM, &most, "N", "on the ready list, less than there are", 1, 8000 },
		{ "moves", OPT_NUM, &moves, "N", "that one leaves and one comes, without a rest", 1,
		  1000 },
		{ "rest", OPT_NUM, &rest, "N", "times as long as these take", 0, 1000 },
		{ "duration", OPT_NUM, &duration, "S", "of all", 1, 600 },
		{ .name = NULL },
	};
	int64_t first = 0, end, begin;
	int *fds, epfd;

	wl_init("A ready list that changes all the time, and is a run of neighbours at each moment.",
		"  wl_ready --items 1500 --most 1000 --moves 200\n", opts, argc, argv);
	if (most >= items)
		die("--items must be more than --most");
	fds = calloc((size_t)items, sizeof(*fds));
	if (!fds)
		die("out of memory");
	wl_setup();
	epfd = wl_epoll_open();
	for (int64_t i = 0; i < items; i++) {
		fds[i] = wl_eventfd();
		if (wl_ctl_data(epfd, EPOLL_CTL_ADD, fds[i], EPOLLIN | (uint32_t)EPOLLET,
				(uint64_t)i))
			die_errno("epoll_ctl failed");
	}
	wl_go(&epfd, 1);
	for (int64_t i = 0; i < most; i++)
		wl_eventfd_write(fds[i]);
	end = now_ns() + duration * NS_PER_S;
	while ((begin = now_ns()) < end) {
		for (int64_t i = 0; i < moves; i++, first = (first + 1) % items) {
			take(epfd, first);
			wl_eventfd_write(fds[(first + most) % items]);
		}
		burn_ns(rest * (now_ns() - begin));
	}
	wl_publish();
	wl_epoll_close(epfd, items);
	free(fds);
	return 0;
}
