/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two threads pass a token back and forth through two eventfds, each waiting on an instance of its
 * own. With --pace exact nobody writes before the other one sleeps: each wait is one wakeup.
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "wl.h"

enum {
	PACE_EXACT,
	PACE_FREE
};

static const char *const paces[] = { "exact", "free", NULL };
static const char *const modes[] = { "lt", "et", NULL };

static int pace, mode;
static int64_t count = 1000, duration_ns;

static struct player {
	int epfd, fd;
	pthread_t thread;
	pid_t tid;
	_Atomic bool playing; /* from here on it sleeps in epoll_wait alone */
	int64_t turns;
	long switches;       /* voluntary ones inside epoll_wait */
	_Atomic long before; /* voluntary ones before the wait that runs */
} players[2];

static _Atomic bool last;
static pthread_barrier_t start;

static long voluntary_switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

/* Of another thread, as the scheduler counts them: when the thread has left its processor. */
static long voluntary_switches_of(pid_t tid)
{
	char path[64], line[128];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	f = fopen(path, "re");
	if (!f)
		die_errno("cannot read %s", path);
	while (n < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "voluntary_ctxt_switches: %ld", &n);
	fclose(f);
	return n;
}

static void token_pass(struct player *me, const struct player *to)
{
	if (pace == PACE_EXACT) {
		while (!to->playing)
			sched_yield();
		wl_await_sleep(to->tid);
		/* A thread is said to sleep a little before it does, and may be woken on the way */
		while (voluntary_switches_of(to->tid) <= to->before)
			sched_yield();
	}
	me->before = voluntary_switches();
	wl_eventfd_write(to->fd);
}

static void token_take(struct player *me)
{
	struct epoll_event ev;

	if (wl_wait(me->epfd, &ev, 1, -1) != 1)
		die("epoll_wait did not return the token");
	me->switches += voluntary_switches() - me->before;
	if (!wl_eventfd_read(me->fd))
		die("the token is not there");
	me->turns++;
}

static void *player_run(void *arg)
{
	struct player *me = arg, *other = &players[me == &players[0]];
	bool serves = me == &players[0], end = false;
	int64_t begin;

	me->tid = gettid();
	pthread_barrier_wait(&start); /* both are ready */
	pthread_barrier_wait(&start); /* go */
	me->before = voluntary_switches();
	me->playing = true;
	begin = now_ns();
	while (!end) {
		if (!serves)
			token_take(me);
		else
			last = me->turns + 1 == count ||
			       (duration_ns && now_ns() - begin >= duration_ns);
		end = last;
		token_pass(me, other);
		if (serves)
			token_take(me);
	}
	return NULL;
}

static void truth_say(void)
{
	uint64_t turns = (uint64_t)(players[0].turns + players[1].turns);

	wl_say("round_trips=%" PRId64, players[0].turns);
	for (int i = 0; i < 2; i++)
		wl_say("thread=%d tid=%d epfd=%d waits=%" PRId64 " voluntary_switches=%ld", i,
		       players[i].tid, players[i].epfd, players[i].turns, players[i].switches);
	/* One callback for each write, one with EPOLLOUT for each read. */
	wl_add(WL_CALLBACKS, 2 * turns);
	wl_add(WL_CB_IGNORED, turns);
	wl_add(WL_PUT_BACK, mode ? 0 : turns);
	wl_add(WL_WASTED, 0);
	if (pace == PACE_FREE)
		return;
	/* By construction one in each turn; this is what the scheduler counted */
	wl_add(WL_WOKEN, (uint64_t)(players[0].switches + players[1].switches));
	wl_add(WL_CB_READY, turns);
	wl_add(WL_CB_ALREADY, 0);
	wl_add(WL_CB_OVERFLOW, 0);
	wl_add(WL_OVERFLOW, 0);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "count", OPT_NUM, &count, "N", "round trips", 1, INT64_MAX },
		{ "duration", OPT_SECONDS, &duration_ns, "S",
		  "end after S seconds if that is sooner, 0: no limit", 0, 3600 },
		{ "pace", OPT_CHOICE, &pace, "PACE", "exact: pass only to a sleeper, free: at once",
		  .choices = paces },
		{ "mode", OPT_CHOICE, &mode, "lt|et", "level- or edge-triggered",
		  .choices = modes },
		{ .name = NULL },
	};

	wl_init("Two threads wake each other through epoll.",
		"  wl_pingpong --count 1000\n  wl_pingpong --pace free --count 100000000 "
		"--duration 2\n",
		opts, argc, argv);
	wl_setup();
	pthread_barrier_init(&start, NULL, 3);
	for (int i = 0; i < 2; i++) {
		struct player *p = &players[i];

		p->epfd = wl_epoll_open();
		p->fd = wl_eventfd();
		wl_ctl_must(p->epfd, EPOLL_CTL_ADD, p->fd,
			    EPOLLIN | (mode ? (uint32_t)EPOLLET : 0));
		if (pthread_create(&p->thread, NULL, player_run, p))
			die("cannot start a thread");
	}
	pthread_barrier_wait(&start);
	wl_go((int[]){ players[0].epfd, players[1].epfd }, 2);
	pthread_barrier_wait(&start);
	for (int i = 0; i < 2; i++)
		pthread_join(players[i].thread, NULL);
	truth_say();
	wl_publish();
	for (int i = 0; i < 2; i++)
		wl_epoll_close(players[i].epfd, 1);
	pthread_barrier_destroy(&start);
	return 0;
}
