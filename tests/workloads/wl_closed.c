/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers files, makes each ready just before it closes it, and asks at once what is ready: nothing
 * may be, since a file's last close takes its item along. An event all the same means that somebody
 * else held the file. Says how many: ghosts=N of closed=N.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "wl.h"

static int64_t seconds = 10, files = 48;
static int epfd;

enum kind {
	KIND_EVENTFD,
	KIND_TIMERFD,
	KIND_PIPE,
	KINDS,
};

struct registered {
	enum kind kind;
	int fd;
	int other; /* the pipe's write end */
};

static void file_open(struct registered *r, enum kind kind)
{
	int fds[2] = { -1, -1 };

	r->kind = kind;
	if (kind == KIND_EVENTFD)
		fds[0] = wl_eventfd();
	else if (kind == KIND_TIMERFD)
		fds[0] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	else if (pipe(fds))
		die_errno("cannot make a pipe");
	if (fds[0] < 0)
		die_errno("cannot make a timer");
	r->fd = fds[0];
	r->other = fds[1];
	wl_ctl_must(epfd, EPOLL_CTL_ADD, r->fd, EPOLLIN);
}

/* A timer that expires at once: its interrupt comes while the file closes, or shortly before. */
static void file_ready(const struct registered *r)
{
	const struct itimerspec at_once = { .it_value.tv_nsec = 1 };

	if (r->kind == KIND_EVENTFD)
		wl_eventfd_write(r->fd);
	else if (r->kind == KIND_TIMERFD && timerfd_settime(r->fd, 0, &at_once, NULL))
		die_errno("cannot set a timer");
	else if (r->kind == KIND_PIPE && write(r->other, "x", 1) != 1)
		die_errno("cannot write to a pipe");
}

/* Returns how many events came of closed descriptors: of any, since no open one is ready. */
static int file_close(const struct registered *r)
{
	struct epoll_event events[8];
	int n;

	file_ready(r);
	wl_close_registered(r->fd, 1);
	n = wl_wait(epfd, events, ARRAY_SIZE(events), 0);
	if (n < 0)
		die("epoll_wait failed");
	if (r->other >= 0)
		close(r->other);
	return n;
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "seconds", OPT_NUM, &seconds, "N", "that it goes on", 1, 3600 },
		{ "files", OPT_NUM, &files, "N", "open at a time", 1, 1000 },
		{ .name = NULL },
	};
	struct registered *open;
	int64_t closed = 0, ghosts = 0;
	int64_t end;

	wl_init("Closes files and asks whether an event of one of them is still delivered.",
		"  wl_closed --seconds 10\n", opts, argc, argv);
	wl_setup();
	open = calloc((size_t)files, sizeof(*open));
	if (!open)
		die("out of memory");
	epfd = wl_epoll_open();
	for (int64_t i = 0; i < files; i++)
		file_open(&open[i], (enum kind)(i % KINDS));
	wl_go(&epfd, 1);
	for (end = now_ns() + seconds * NS_PER_S; now_ns() < end; closed++) {
		struct registered *r = &open[closed % files];

		ghosts += file_close(r);
		file_open(r, r->kind);
	}
	wl_say("closed=%" PRId64, closed);
	wl_say("ghosts=%" PRId64, ghosts);
	wl_publish();
	wl_epoll_close(epfd, files);
	return 0;
}
