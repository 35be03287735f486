/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One loop per thread, connections handed over a pipe (half-sync/half-async): one thread accepts, and
 * deals the connections out in turn. From then on a connection stays in its loop, and no lock is
 * needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "arch.h"
#include "util.h"

struct loop {
	struct worker worker;
	int epfd, pipe[2];
};

static void hand_over(struct loop *l, struct conn *c)
{
	/* Less than PIPE_BUF: all of it or nothing. */
	while (write(l->pipe[1], &c, sizeof(c)) < 0)
		if (errno != EINTR)
			die_errno("cannot hand over a connection");
}

/* Takes one from the pipe. Returns how many: 0 or 1, -1: none will come any more. */
static int take_over(struct loop *l)
{
	struct conn *c;
	ssize_t n = read(l->pipe[0], &c, sizeof(c));

	if (n < 0 && errno != EINTR)
		die_errno("cannot take over a connection");
	if (n > 0)
		arch_watch(l->epfd, EPOLL_CTL_ADD, c->fd, CONN_INPUT, c);
	return !n ? -1 : n > 0;
}

/* Returns whether the connection is over. */
static bool serve(struct loop *l, struct conn *c, enum conn_wants now)
{
	enum conn_wants wants = conn_echo(c, &l->worker.arch->served[l->worker.index]);

	if (wants == CONN_OVER)
		conn_close(c);
	else if (wants != now)
		arch_watch(l->epfd, EPOLL_CTL_MOD, c->fd, wants, c);
	return wants == CONN_OVER;
}

/* Until all are handed over, and all have ended. */
static void *run(void *arg)
{
	struct loop *l = ((struct worker *)arg)->shared;
	struct epoll_event events[ARCH_BATCH];
	bool more = true;
	int left = 0, came;

	while (more || left) {
		int n = arch_wait(l->worker.arch, l->epfd, events, ARCH_BATCH);

		for (int i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			if (c) {
				left -= serve(l, c, c->len ? CONN_OUTPUT : CONN_INPUT);
				continue;
			}
			came = take_over(l);
			more = came >= 0;
			left += more ? came : 0;
			if (!more)
				arch_watch(l->epfd, EPOLL_CTL_DEL, l->pipe[0], 0, NULL);
		}
	}
	return NULL;
}

static void loop_start(struct loop *l, int index, struct arch *a)
{
	char name[32];

	snprintf(name, sizeof(name), "handover%d", index);
	l->epfd = arch_epoll(a, name);
	if (pipe2(l->pipe, O_CLOEXEC))
		die_errno("cannot create a pipe");
	arch_watch(l->epfd, EPOLL_CTL_ADD, l->pipe[0], EPOLLIN, NULL);
	worker_start(&l->worker, index, a, l, run);
}

static void loop_end(struct loop *l)
{
	close(l->pipe[1]); /* the loop reads the end of the pipe */
	pthread_join(l->worker.thread, NULL);
	close(l->pipe[0]);
}

void arch_handover(struct arch *a)
{
	struct loop loops[ARCH_WORKERS];

	a->workers = ARCH_WORKERS;
	for (int i = 0; i < ARCH_WORKERS; i++)
		loop_start(&loops[i], i, a);
	arch_ready(a);
	for (int i = 0; i < a->connections;) {
		struct conn *c = conn_accept(a->listener, SOCK_NONBLOCK);

		if (!c)
			continue;
		/* Broken: a dealer that forgets whose turn it is. */
		hand_over(&loops[a->broken ? 0 : i % ARCH_WORKERS], c);
		i++;
	}
	for (int i = 0; i < ARCH_WORKERS; i++)
		loop_end(&loops[i]);
}
