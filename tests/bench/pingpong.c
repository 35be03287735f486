/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two threads pass a token through two eventfds, each waiting on an instance of its own: per round
 * trip 4 callbacks, 2 waits, at most 2 wakeups, and next to nothing besides. No program gives an
 * observer of epoll more to do per unit of work. Prints the time of a round trip; unlike
 * wl_pingpong the loop makes no system calls of its own.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "wl.h"

#define BLOCKS_MAX 100
/* The clock is looked at so seldom that it costs nothing, and often enough for a slow observer. */
#define STRIDE 16

static int64_t block_ns = NS_PER_S / 4, blocks = 5;

static struct player {
	int epfd, fd;
	int64_t turns;
} players[2];

static pthread_barrier_t start;
static bool last; /* handed over with the token */
static int64_t costs[BLOCKS_MAX];

static void token_pass(const struct player *to)
{
	const uint64_t one = 1;

	if (write(to->fd, &one, sizeof(one)) != sizeof(one))
		die_errno("cannot write to an eventfd");
}

static void token_take(struct player *me)
{
	struct epoll_event ev;
	uint64_t n;

	if (epoll_wait(me->epfd, &ev, 1, -1) != 1)
		die_errno("epoll_wait did not return the token");
	if (read(me->fd, &n, sizeof(n)) != sizeof(n))
		die_errno("cannot read an eventfd");
	me->turns++;
}

static void *returner_run(void *arg)
{
	bool end = false;

	(void)arg;
	pthread_barrier_wait(&start);
	while (!end) {
		token_take(&players[1]);
		end = last;
		token_pass(&players[0]);
	}
	return NULL;
}

static void round_trip(bool end)
{
	last = end;
	token_pass(&players[1]);
	token_take(&players[0]);
}

/* Nanoseconds of a round trip. */
static int64_t block_run(void)
{
	const int64_t begin = now_ns();
	int64_t trips = 0, now = begin;

	while (now - begin < block_ns) {
		for (int i = 0; i < STRIDE; i++)
			round_trip(false);
		trips += STRIDE;
		now = now_ns();
	}
	return (now - begin) / trips;
}

static int costs_compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void blocks_run(void)
{
	block_run(); /* caches and branch predictors, and under emulation the translator, warm up */
	for (int64_t i = 0; i < blocks; i++)
		costs[i] = block_run();
	round_trip(true);
	qsort(costs, (size_t)blocks, sizeof(costs[0]), costs_compare);
}

static void truth_say(void)
{
	uint64_t turns = (uint64_t)(players[0].turns + players[1].turns);

	wl_say("round_trips=%" PRId64, players[0].turns);
	wl_say("round_trip_ns=%" PRId64, costs[blocks / 2]);
	wl_say("round_trip_ns_lowest=%" PRId64, costs[0]);
	wl_say("round_trip_ns_highest=%" PRId64, costs[blocks - 1]);
	wl_add(WL_WAITS, turns);
	wl_add(WL_RETURNS_EVENTS, turns);
	wl_add(WL_DELIVERED, turns);
	/* One for each write, one with EPOLLOUT for each read */
	wl_add(WL_CALLBACKS, 2 * turns);
}

static void player_open(struct player *p)
{
	p->epfd = wl_epoll_open();
	p->fd = wl_eventfd();
	wl_ctl_must(p->epfd, EPOLL_CTL_ADD, p->fd, EPOLLIN);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "block", OPT_SECONDS, &block_ns, "S", "seconds of a block", 0, 60 },
		{ "blocks", OPT_NUM, &blocks, "N", "measured, after one that is not", 1,
		  BLOCKS_MAX },
		{ .name = NULL },
	};
	pthread_t returner;

	wl_init("How long a round trip of a token between two threads takes, through epoll.",
		"  pingpong --block 0.25 --blocks 5\n", opts, argc, argv);
	wl_setup();
	pthread_barrier_init(&start, NULL, 2);
	player_open(&players[0]);
	player_open(&players[1]);
	if (pthread_create(&returner, NULL, returner_run, NULL))
		die("cannot start a thread");
	wl_go((int[]){ players[0].epfd, players[1].epfd }, 2);
	pthread_barrier_wait(&start);
	blocks_run();
	pthread_join(returner, NULL);
	truth_say();
	wl_publish();
	pthread_barrier_destroy(&start);
	return 0;
}
