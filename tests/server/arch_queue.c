/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reactor with a worker queue (half-sync/half-reactive): the loop only finds out who is ready, and
 * workers read and answer. EPOLLONESHOT disables a connection until its worker arms it again, so that
 * no two workers have it.
 */
#include <unistd.h>

#include "arch.h"

struct pool {
	struct queue ready;
	int epfd, over; /* over: rings when the last connection has ended */
	atomic_int left;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct pool *p = w->shared;
	enum conn_wants wants;
	struct conn *c;

	while ((c = queue_get(&p->ready))) {
		wants = conn_echo(c, &w->arch->served[w->index]);
		if (wants != CONN_OVER) {
			conn_arm(p->epfd, EPOLL_CTL_MOD, c, wants);
			continue;
		}
		conn_close(c);
		if (--p->left == 0)
			bell_ring(p->over);
	}
	return NULL;
}

static void serve_new(struct arch *a, struct pool *p)
{
	struct conn *c = conn_accept(a->listener, SOCK_NONBLOCK);

	if (c)
		conn_arm(p->epfd, EPOLL_CTL_ADD, c, CONN_INPUT);
}

/* Until the bell rings. */
static void loop(struct arch *a, struct pool *p)
{
	struct epoll_event events[ARCH_BATCH];

	for (;;) {
		int n = arch_wait(a, p->epfd, events, ARCH_BATCH);

		for (int i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			if (events[i].data.ptr == p)
				return;
			if (!c) {
				serve_new(a, p);
				continue;
			}
			conn_take(c);
			queue_put(&p->ready, c);
		}
	}
}

void arch_queue(struct arch *a)
{
	struct pool p = { .epfd = arch_epoll(a, "queue"), .over = bell_new() };
	struct worker workers[ARCH_WORKERS];

	queue_init(&p.ready);
	p.left = a->connections;
	arch_watch(p.epfd, EPOLL_CTL_ADD, a->listener, EPOLLIN, NULL);
	arch_watch(p.epfd, EPOLL_CTL_ADD, p.over, EPOLLIN, &p);
	workers_start(workers, ARCH_WORKERS, a, &p, work);
	arch_ready(a);
	loop(a, &p);
	queue_end(&p.ready);
	workers_join(workers, ARCH_WORKERS);
	queue_free(&p.ready);
	close(p.over);
}
