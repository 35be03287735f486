/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leader/followers: all threads share one instance, but only the leader waits in it. When it gets an
 * event, it makes a follower the new leader, and handles the event itself: no queue, and the event
 * is handled where it came. EPOLLONESHOT keeps a descriptor out of the next leader's sight meanwhile.
 */
#include <unistd.h>

#include "arch.h"
#include "lab.h"

struct leaders {
	pthread_mutex_t leader; /* whoever holds it leads, those who want it are the followers */
	pthread_barrier_t begun;
	int epfd, over;
	atomic_int left;
};

/* The next event; NULL: that of the listener. Returns false if there was none. */
static bool lead(struct arch *a, struct leaders *l, void **data)
{
	struct epoll_event ev;
	int n;

	/* Broken: everyone leads. */
	if (!a->broken)
		pthread_mutex_lock(&l->leader);
	n = arch_wait(a, l->epfd, &ev, 1);
	if (!a->broken)
		pthread_mutex_unlock(&l->leader);
	*data = n ? ev.data.ptr : NULL;
	return n != 0;
}

static void serve_new(struct arch *a, struct leaders *l)
{
	struct conn *c = conn_accept(a->listener, SOCK_NONBLOCK);

	if (c)
		conn_arm(l->epfd, EPOLL_CTL_ADD, c, CONN_INPUT);
	arch_watch(l->epfd, EPOLL_CTL_MOD, a->listener, EPOLLIN | EPOLLONESHOT, NULL);
}

static void serve(struct worker *w, struct leaders *l, struct conn *c)
{
	enum conn_wants wants;

	conn_take(c);
	wants = conn_echo(c, &w->arch->served[w->index]);
	if (wants != CONN_OVER) {
		conn_arm(l->epfd, EPOLL_CTL_MOD, c, wants);
		return;
	}
	conn_close(c);
	if (--l->left == 0)
		bell_ring(l->over);
}

/* The bell is level-triggered and nobody silences it: each leader after it sees it and ends. */
static void *run(void *arg)
{
	struct worker *w = arg;
	struct leaders *l = w->shared;
	void *data = NULL;

	pthread_barrier_wait(&l->begun);
	while (data != l) {
		if (!lead(w->arch, l, &data))
			continue;
		if (!data)
			serve_new(w->arch, l);
		else if (data != l)
			serve(w, l, data);
	}
	return NULL;
}

void arch_leaders(struct arch *a)
{
	struct leaders l = { .leader = PTHREAD_MUTEX_INITIALIZER,
			     .epfd = arch_epoll(a, "leaders"),
			     .over = bell_new(),
			     .left = a->connections };
	struct worker workers[ARCH_WORKERS];

	pthread_barrier_init(&l.begun, NULL, ARCH_WORKERS + 1);
	arch_watch(l.epfd, EPOLL_CTL_ADD, l.over, EPOLLIN, &l);
	workers_start(workers, ARCH_WORKERS, a, &l, run);
	pthread_barrier_wait(&l.begun);
	/* Nothing to do yet: who waits? */
	lab_phase("idle");
	lab_hold();
	lab_phase("load");
	arch_watch(l.epfd, EPOLL_CTL_ADD, a->listener, EPOLLIN | EPOLLONESHOT, NULL);
	arch_ready(a);
	workers_join(workers, ARCH_WORKERS);
	pthread_barrier_destroy(&l.begun);
	pthread_mutex_destroy(&l.leader);
	close(l.over);
}
