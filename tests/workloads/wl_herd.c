/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads with an instance each, all watching one file: the thundering herd, and EPOLLEXCLUSIVE as
 * its remedy. Nothing is made ready before all of them sleep, so the number of wakeups is certain;
 * which of them gets the event is not.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wl.h"

enum {
	KIND_EVENTFD,
	KIND_UNIX
};

static const char *const kinds[] = { "eventfd", "unix", NULL };

static int kind;
static bool exclusive;
static int64_t thread_count = 8, events_count = 100;

static struct waiter {
	pthread_t thread;
	_Atomic pid_t tid;
	int epfd;
	int64_t delivered, taken;
} * waiters;

static int target; /* the eventfd, or the listener */
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static socklen_t address_len;
static _Atomic int64_t taken_total;
static _Atomic bool stop;

/* An abstract address chosen by the kernel: nothing to clean up. */
static int listener_open(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	address_len = sizeof(address);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) ||
	    getsockname(fd, (struct sockaddr *)&address, &address_len) || listen(fd, 128))
		die_errno("cannot listen on a Unix socket");
	return fd;
}

/* Returns whether this thread was the one that got it. */
static bool event_take(void)
{
	int fd;

	if (kind == KIND_EVENTFD)
		return wl_eventfd_read(target);
	fd = accept4(target, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && errno != EAGAIN)
		die_errno("accept failed");
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void *waiter_run(void *arg)
{
	struct waiter *w = arg;
	struct epoll_event ev;

	w->tid = gettid();
	while (!stop) {
		int n = wl_wait(w->epfd, &ev, 1, -1);

		if (n == -EINTR)
			continue;
		if (n != 1)
			die("epoll_wait returned %d", n);
		w->delivered++;
		if (event_take()) {
			w->taken++;
			taken_total++;
		}
	}
	return NULL;
}

static void all_await_sleep(void)
{
	for (int64_t i = 0; i < thread_count; i++) {
		while (!waiters[i].tid)
			sleep_ns(50 * NS_PER_US);
		wl_await_sleep(waiters[i].tid);
	}
}

static void event_make(void)
{
	int fd;

	if (kind == KIND_EVENTFD) {
		wl_eventfd_write(target);
		return;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, address_len))
		die_errno("cannot connect");
	close(fd);
}

/* One event for the whole herd, then wait until all is quiet. */
static void herd_wake(int64_t i)
{
	int64_t limit = now_ns() + 10 * NS_PER_S;

	event_make();
	while (taken_total <= i) {
		if (now_ns() > limit)
			die("nobody took event %" PRId64 " within 10 s", i);
		sleep_ns(20 * NS_PER_US);
	}
	all_await_sleep();
}

static void wake_handler(int sig)
{
	(void)sig;
}

static void waiters_stop(void)
{
	struct sigaction act = { .sa_handler = wake_handler };

	sigaction(SIGUSR2, &act, NULL);
	stop = true;
	/* All sleep in epoll_wait: one signal each, and each return is one of -EINTR. */
	for (int64_t i = 0; i < thread_count; i++) {
		pthread_kill(waiters[i].thread, SIGUSR2);
		pthread_join(waiters[i].thread, NULL);
	}
}

static void truth_say(void)
{
	uint64_t events = (uint64_t)events_count, threads = (uint64_t)thread_count;
	uint64_t woken = exclusive ? events : events * threads;
	/* eventfd_read() wakes everybody with EPOLLOUT; accept() wakes nobody. */
	uint64_t ignored = kind == KIND_EVENTFD ? events * threads : 0;

	for (int64_t i = 0; i < thread_count; i++)
		wl_say("thread=%" PRId64 " tid=%d epfd=%d delivered=%" PRId64 " taken=%" PRId64, i,
		       waiters[i].tid, waiters[i].epfd, waiters[i].delivered, waiters[i].taken);
	wl_say("events=%" PRIu64, events);
	wl_say("taken=%" PRId64, taken_total);
	wl_add(WL_WOKEN, woken);
	wl_add(WL_WASTED, woken - wl_get(WL_RETURNS_EVENTS));
	wl_add(WL_PUT_BACK, wl_get(WL_DELIVERED));
	wl_add(WL_CB_READY, woken);
	wl_add(WL_CB_IGNORED, ignored);
	wl_add(WL_CALLBACKS, woken + ignored);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "threads", OPT_NUM, &thread_count, "N", "in the herd", 1, 256 },
		{ "events", OPT_NUM, &events_count, "N", "one after the other", 1, 1000000 },
		{ "exclusive", OPT_FLAG, &exclusive, NULL, "register with EPOLLEXCLUSIVE" },
		{ "kind", OPT_CHOICE, &kind, "KIND", "eventfd, or unix: connections to accept",
		  .choices = kinds },
		{ .name = NULL },
	};
	int *epfds;

	wl_init("A thundering herd: every event wakes all threads, and one gets it.",
		"  wl_herd --threads 8 --events 200\n  wl_herd --threads 8 --exclusive\n", opts,
		argc, argv);
	waiters = calloc((size_t)thread_count, sizeof(*waiters));
	epfds = calloc((size_t)thread_count, sizeof(*epfds));
	if (!waiters || !epfds)
		die("out of memory");
	wl_setup();
	target = kind == KIND_EVENTFD ? wl_eventfd() : listener_open();
	for (int64_t i = 0; i < thread_count; i++) {
		epfds[i] = waiters[i].epfd = wl_epoll_open();
		wl_ctl_must(epfds[i], EPOLL_CTL_ADD, target,
			    EPOLLIN | (exclusive ? EPOLLEXCLUSIVE : 0));
	}
	wl_go(epfds, (int)thread_count);
	for (int64_t i = 0; i < thread_count; i++) {
		if (pthread_create(&waiters[i].thread, NULL, waiter_run, &waiters[i]))
			die("cannot start a thread");
	}
	all_await_sleep();
	for (int64_t i = 0; i < events_count; i++)
		herd_wake(i);
	waiters_stop();
	truth_say();
	wl_publish();
	for (int64_t i = 0; i < thread_count; i++)
		wl_epoll_close(epfds[i], 1);
	free(epfds);
	free(waiters);
	return 0;
}
