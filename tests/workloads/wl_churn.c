/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tree that never rests: threads add and remove items of their own as fast as they can, among
 * others that nobody touches. Each round of a thread is a generation: its number is in the user data
 * of the items, in their masks, and in a log with the time that it lasted, so that whatever a snapshot
 * shows can be dated. At the end each thread leaves some of its items registered.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wl.h"

#define THREADS_MAX 16
#define ROUNDS_MAX  (1 << 21) /* kept in the log of a thread */

static int64_t items = 300, threads = 4, own = 32, leave = 8, duration = 10 * NS_PER_S,
	       rounds_max = ROUNDS_MAX;
static const char *log_prefix;
static int epfd;

struct span {
	int64_t begin, end;
};

static struct churner {
	pthread_t thread;
	int index;
	int *fds;
	struct span *log;
	uint64_t rounds, added, removed;
	int64_t end;
} churners[THREADS_MAX];

/* Thread, round and place: tests/churn.py takes it apart again. */
static uint64_t data_of(const struct churner *c, int64_t i)
{
	return (uint64_t)(c->index + 1) << 56 | c->rounds << 8 | (uint64_t)i;
}

static void ctl(struct churner *c, int op, int64_t i, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.u64 = data_of(c, i) };

	if (epoll_ctl(epfd, op, c->fds[i], &ev))
		die_errno("epoll_ctl(%d) of descriptor %d failed", op, c->fds[i]);
}

static void *churner_run(void *arg)
{
	struct churner *c = arg;
	struct span *span;

	while (now_ns() < c->end && c->rounds < (uint64_t)rounds_max) {
		span = &c->log[c->rounds];
		span->begin = now_ns();
		for (int64_t i = 0; i < own; i++, c->added++)
			ctl(c, EPOLL_CTL_ADD, i, c->rounds & 1 ? EPOLLIN : EPOLLIN | EPOLLPRI);
		/* From the other end in every other pair, so that the tree turns. */
		for (int64_t i = own - 1; i >= 0; i--, c->removed++)
			ctl(c, EPOLL_CTL_DEL, c->rounds & 2 ? i : own - 1 - i, 0);
		span->end = now_ns();
		c->rounds++;
	}
	return NULL;
}

/* Descriptors of all threads and those that stay, in turn: so are their files, more or less. */
static void items_open(void)
{
	for (int64_t t = 0; t < threads; t++) {
		churners[t].index = (int)t;
		churners[t].fds = calloc((size_t)own, sizeof(int));
		churners[t].log =
			mmap(NULL, ROUNDS_MAX * sizeof(struct span), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (!churners[t].fds || churners[t].log == MAP_FAILED)
			die("out of memory");
	}
	epfd = wl_epoll_open();
	for (int64_t i = 0; i < items || i < own; i++) {
		if (i < items)
			wl_ctl_must(epfd, EPOLL_CTL_ADD, wl_eventfd(), EPOLLIN);
		for (int64_t t = 0; i < own && t < threads; t++)
			churners[t].fds[i] = wl_eventfd();
	}
}

static void churn(void)
{
	int64_t end = now_ns() + duration;

	for (int64_t t = 0; t < threads; t++) {
		churners[t].end = end;
		if (pthread_create(&churners[t].thread, NULL, churner_run, &churners[t]))
			die("cannot start a thread");
	}
	for (int64_t t = 0; t < threads; t++) {
		struct churner *c = &churners[t];

		pthread_join(c->thread, NULL);
		wl_add(WL_ADDS, c->added);
		wl_add(WL_DELS, c->removed);
		wl_say("rounds%" PRId64 "=%" PRIu64, t, c->rounds);
		for (int64_t i = 0; i < leave; i++)
			wl_ctl_must(epfd, EPOLL_CTL_ADD, c->fds[i], EPOLLIN);
	}
}

/* Two 64-bit numbers per round: nanoseconds of its begin and its end. */
static void logs_write(void)
{
	char path[4096];
	FILE *f;

	for (int64_t t = 0; log_prefix && t < threads; t++) {
		snprintf(path, sizeof(path), "%s%" PRId64, log_prefix, t);
		f = fopen(path, "we");
		if (!f ||
		    fwrite(churners[t].log, sizeof(struct span), churners[t].rounds, f) !=
			    churners[t].rounds ||
		    fclose(f))
			die_errno("cannot write %s", path);
	}
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "items", OPT_NUM, &items, "N", "that nobody touches", 0, 100000 },
		{ "threads", OPT_NUM, &threads, "N", "that add and remove", 1, THREADS_MAX },
		{ "own", OPT_NUM, &own, "N", "items of each of them", 1, 256 },
		{ "leave", OPT_NUM, &leave, "N", "of these registered at the end", 0, 256 },
		{ "duration", OPT_SECONDS, &duration, "S", "of all that", 0, 600 },
		{ "rounds", OPT_NUM, &rounds_max, "N", "of each thread at most", 1, ROUNDS_MAX },
		{ "log", OPT_TEXT, &log_prefix, "PREFIX", "of a file per thread: its rounds" },
		{ .name = NULL },
	};

	wl_init("A tree that never rests.", "  wl_churn --duration 10 --log /tmp/rounds\n", opts,
		argc, argv);
	if (leave > own)
		die_usage("--leave: more than --own");
	nofile_need(items + threads * own + 32);
	wl_setup();
	items_open();
	wl_go(&epfd, 1);
	wl_add(WL_CALLBACKS, 0);
	wl_add(WL_WOKEN, 0);
	churn();
	logs_write();
	wl_publish();
	wl_epoll_close(epfd, items + threads * leave);
	return 0;
}
