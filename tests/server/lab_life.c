/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of an instance, one step after the other, each held long enough to be looked at: items
 * come, become ready, are waited for, and go; at last another instance watches it, and it is closed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "lab.h"
#include "stall.h"
#include "wl.h"

#define ITEMS     3
#define WAITER_MS 10000
#define GAP_NS    (20 * NS_PER_MS)

enum {
	FIRST,
	SECOND,
	THIRD
};

struct life {
	int epfd;
	int pairs[ITEMS][2]; /* registered, and the end that makes it ready */
	_Atomic pid_t waiter;
};

/* What is now is that phase. Whoever begins to read it at its very end still finds it as it was. */
static void hold(const char *phase)
{
	lab_phase(phase);
	lab_hold();
	lab_phase("between");
	sleep_ns(GAP_NS);
}

static void items_add(struct life *l)
{
	for (int i = 0; i < ITEMS; i++) {
		lab_socketpair(l->pairs[i]);
		lab_add(l->epfd, l->pairs[i][0], EPOLLIN);
	}
	hold("added");
}

/* Nobody waits: what becomes ready stays on the list. */
static void items_make_ready(struct life *l)
{
	lab_write(l->pairs[FIRST][1], 1);
	hold("ready");

	/* An idle socket is writable: as soon as that is asked for, it is ready. */
	lab_mod(l->epfd, l->pairs[SECOND][0], EPOLLIN | EPOLLOUT);
	hold("modified");
}

static void items_take(struct life *l)
{
	lab_mod(l->epfd, l->pairs[SECOND][0], EPOLLIN);
	if (lab_wait_one(l->epfd, 0) != EPOLLIN)
		die("the first item was not delivered");
	lab_read(l->pairs[FIRST][0], 1);
	if (lab_wait_one(l->epfd, 0))
		die("an event, and nothing is ready");
	hold("taken");
}

/* One wait, and the byte is read at once. */
static void *waiter_run(void *arg)
{
	struct life *l = arg;

	l->waiter = gettid();
	if (lab_wait_one(l->epfd, WAITER_MS) != EPOLLIN)
		die("nobody woke the waiter");
	lab_read(l->pairs[THIRD][0], 1);
	return NULL;
}

static void waiter_come_and_go(struct life *l)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, waiter_run, l))
		die("cannot start a thread");
	while (!l->waiter)
		sleep_ns(NS_PER_MS);
	wl_await_sleep(l->waiter);
	hold("waited-for");

	lab_write(l->pairs[THIRD][1], 1);
	pthread_join(thread, NULL);
	hold("woken");
}

struct scan {
	int epfd;
	struct stall stall;
};

/* One wait, for as many events as there are; what comes is left where it is. */
static void *scan_run(void *arg)
{
	struct scan *s = arg;
	int n;

	do {
		n = epoll_wait(s->epfd, s->stall.events, s->stall.max, WAITER_MS);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		die("the stopped wait returned %d events, not 1", n);
	return NULL;
}

/* A scan is stopped as it copies its event: what becomes ready meanwhile is on the overflow list. */
static void scan_stop_and_go(struct life *l)
{
	struct scan s = { .epfd = l->epfd };
	pthread_t thread;

	stall_open(&s.stall);
	stall_again(&s.stall);
	lab_write(l->pairs[THIRD][1], 1);
	if (pthread_create(&thread, NULL, scan_run, &s))
		die("cannot start a thread");
	stall_await(&s.stall);
	lab_write(l->pairs[FIRST][1], 1);
	hold("scanning");
	stall_end(&s.stall);
	pthread_join(thread, NULL);
	stall_close(&s.stall);
	hold("scanned");
	lab_read(l->pairs[FIRST][0], 1);
	lab_read(l->pairs[THIRD][0], 1);
	if (lab_wait_one(l->epfd, 0))
		die("an event, and all is read");
}

/* The first of two ways in which an item goes: as long as its descriptor is open. */
static void item_delete(struct life *l)
{
	lab_del(l->epfd, l->pairs[THIRD][0]);
	hold("deleted");
}

/* The other way: the last descriptor of its file is closed. Broken: that one is not the last. */
static void item_close(struct life *l)
{
	int fd = l->pairs[SECOND][0], copy = lab_broken ? dup(fd) : -1;

	if (lab_broken && copy < 0)
		die_errno("cannot duplicate a descriptor");
	close(fd);
	if (!epoll_ctl(l->epfd, EPOLL_CTL_DEL, fd, NULL) || errno != EBADF)
		die("a closed descriptor could be deleted");
	hold("closed");
}

static void watched(struct life *l)
{
	int outer = lab_epoll("outer");

	lab_add(outer, l->epfd, EPOLLIN);
	lab_write(l->pairs[FIRST][1], 1);
	hold("watched");

	close(l->epfd);
	hold("gone");
}

int main(int argc, char **argv)
{
	struct life l = { .waiter = 0 };

	lab_init("The life of an instance: items come, become ready and go.", NULL, argc, argv);
	lab_number("items", ITEMS);
	l.epfd = lab_epoll("life");
	hold("empty");
	items_add(&l);
	items_make_ready(&l);
	items_take(&l);
	waiter_come_and_go(&l);
	scan_stop_and_go(&l);
	item_delete(&l);
	item_close(&l);
	watched(&l);
	lab_done();
	return 0;
}
