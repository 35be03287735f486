/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Proactor, simulated on top of epoll: the loop does all input and output, and workers see only whole
 * requests and hand back whole answers. A descriptor is never touched by two threads. An eventfd tells
 * the loop that answers are there; EPOLLONESHOT keeps it from reading on while one is in the making.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "arch.h"
#include "util.h"

struct proactor {
	struct arch *arch;
	struct queue requests, answers;
	int epfd, bell, left;
};

/* A request to its answer. No system call that could block. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct proactor *p = w->shared;
	struct conn *c;

	while ((c = queue_get(&p->requests))) {
		w->arch->served[w->index] += (int64_t)c->len; /* an echo: it is the answer */
		queue_put(&p->answers, c);
		bell_ring(p->bell);
	}
	return NULL;
}

static void serve_new(struct proactor *p)
{
	struct conn *c = conn_accept(p->arch->listener, SOCK_NONBLOCK);

	if (c)
		conn_arm(p->epfd, EPOLL_CTL_ADD, c, CONN_INPUT);
}

static void over(struct proactor *p, struct conn *c)
{
	conn_close(c);
	p->left--;
}

/* The rest of an answer; when it is out, the next request may come. */
static void answer(struct proactor *p, struct conn *c)
{
	enum conn_wants wants = conn_flush(c);

	if (wants == CONN_OVER)
		over(p, c);
	else
		conn_arm(p->epfd, EPOLL_CTL_MOD, c, wants);
}

static void request(struct proactor *p, struct conn *c)
{
	if (conn_fill(c, ARCH_MESSAGE) == CONN_OVER)
		over(p, c);
	else if (c->len < ARCH_MESSAGE)
		conn_arm(p->epfd, EPOLL_CTL_MOD, c, CONN_INPUT);
	else
		queue_put(&p->requests, c);
}

static void completed(struct proactor *p)
{
	struct conn *c;
	eventfd_t rings;

	p->arch->completions++;
	/* Before the queue is emptied: no answer is overlooked. */
	if (eventfd_read(p->bell, &rings) && errno != EAGAIN && errno != EINTR)
		die_errno("cannot read an eventfd");
	while ((c = queue_try(&p->answers)))
		answer(p, c);
}

static void loop(struct proactor *p)
{
	struct epoll_event events[ARCH_BATCH];

	while (p->left) {
		int n = arch_wait(p->arch, p->epfd, events, ARCH_BATCH);

		for (int i = 0; i < n; i++) {
			if (!events[i].data.ptr)
				serve_new(p);
			else if (events[i].data.ptr == p)
				completed(p);
			else if (events[i].events & EPOLLOUT)
				answer(p, events[i].data.ptr);
			else
				request(p, events[i].data.ptr);
		}
	}
}

void arch_proactor(struct arch *a)
{
	struct proactor p = { .arch = a,
			      .epfd = arch_epoll(a, "proactor"),
			      .bell = bell_new(),
			      .left = a->connections };
	struct worker workers[ARCH_WORKERS];

	queue_init(&p.requests);
	queue_init(&p.answers);
	arch_watch(p.epfd, EPOLL_CTL_ADD, a->listener, EPOLLIN, NULL);
	arch_watch(p.epfd, EPOLL_CTL_ADD, p.bell, EPOLLIN, &p);
	workers_start(workers, ARCH_WORKERS, a, &p, work);
	arch_ready(a);
	loop(&p);
	queue_end(&p.requests);
	workers_join(workers, ARCH_WORKERS);
	queue_free(&p.requests);
	queue_free(&p.answers);
	close(p.bell);
}
