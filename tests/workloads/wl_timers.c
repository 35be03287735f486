/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Callbacks out of hard interrupts, at any moment: timerfds that expire while this process, on the same
 * CPU, is busy with system calls of epoll. Each timer is armed for one expiry, which is one call of
 * ep_poll_callback(), and is armed again when it was read.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "wl.h"

static int64_t timers = 32, expiries = 20000, usec = 100;

static void timer_arm(int fd, int64_t i)
{
	/* Not all at the same moment. */
	struct itimerspec when = { .it_value.tv_nsec = usec * NS_PER_US + i * 7 * NS_PER_US };

	if (timerfd_settime(fd, 0, &when, NULL))
		die_errno("cannot arm a timer");
}

static void timer_take(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) != sizeof(n) || n != 1)
		die_errno("a timer that was delivered has not expired once");
	wl_add(WL_CALLBACKS, 1);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "timers", OPT_NUM, &timers, "N", "at the same time", 1, 1000 },
		{ "expiries", OPT_NUM, &expiries, "N", "in all", 1, 100000000 },
		{ "usec", OPT_NUM, &usec, "US", "from arming to the first expiry", 1, 1000000 },
		{ .name = NULL },
	};
	struct epoll_event ev[16];
	int *fds, epfd, armed = 0;

	wl_init("Timers that expire in interrupts while epoll is busy.",
		"  wl_timers --timers 32 --expiries 20000\n", opts, argc, argv);
	fds = calloc((size_t)timers, sizeof(*fds));
	if (!fds)
		die("out of memory");
	wl_setup();
	epfd = wl_epoll_open();
	for (int64_t i = 0; i < timers; i++) {
		fds[i] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
		if (fds[i] < 0)
			die_errno("cannot create a timer");
		if (wl_ctl_data(epfd, EPOLL_CTL_ADD, fds[i], EPOLLIN | (uint32_t)EPOLLET,
				(uint64_t)i))
			die_errno("epoll_ctl failed");
	}
	wl_go(&epfd, 1);
	wl_add(WL_PUT_BACK, 0);
	for (int64_t i = 0; i < timers && i < expiries; i++, armed++)
		timer_arm(fds[i], i);
	for (int64_t taken = 0, left = expiries - armed; taken < expiries;) {
		int n = wl_wait(epfd, ev, (int)ARRAY_SIZE(ev), 0);

		for (int k = 0; k < n; k++, taken++) {
			timer_take(fds[ev[k].data.u64]);
			if (left-- > 0)
				timer_arm(fds[ev[k].data.u64], k);
		}
	}
	wl_publish();
	wl_epoll_close(epfd, timers);
	free(fds);
	return 0;
}
