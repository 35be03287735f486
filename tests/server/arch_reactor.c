/* SPDX-License-Identifier: GPL-2.0 */
/* Single-threaded reactor: one loop accepts, reads and answers. No call in it may block. */
#include "arch.h"

static void serve_new(struct arch *a, int epfd)
{
	struct conn *c = conn_accept(a->listener, SOCK_NONBLOCK);

	if (c)
		arch_watch(epfd, EPOLL_CTL_ADD, c->fd, CONN_INPUT, c);
}

/* Returns whether the connection is over. */
static bool serve(struct arch *a, int epfd, struct conn *c, enum conn_wants now)
{
	enum conn_wants wants = conn_echo(c, &a->served[0]);

	if (wants == CONN_OVER)
		conn_close(c);
	else if (wants != now) /* the answer does not fit, or now it did */
		arch_watch(epfd, EPOLL_CTL_MOD, c->fd, wants, c);
	return wants == CONN_OVER;
}

void arch_reactor(struct arch *a)
{
	int epfd = arch_epoll(a, "reactor"), left = a->connections;
	struct epoll_event events[ARCH_BATCH];

	a->workers = 1;
	arch_watch(epfd, EPOLL_CTL_ADD, a->listener, EPOLLIN, NULL);
	arch_ready(a);
	while (left) {
		int n = arch_wait(a, epfd, events, ARCH_BATCH);

		for (int i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			if (!c)
				serve_new(a, epfd);
			else
				left -= serve(a, epfd, c, c->len ? CONN_OUTPUT : CONN_INPUT);
		}
	}
}
