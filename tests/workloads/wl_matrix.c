/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wakeups that the kernel promises, case by case (matrix_cases.h). Each case has instances of
 * its own. A step is taken only when all threads sleep or have returned, so what it does is certain.
 * Waits and their results are counted here and compared with the table as well.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "matrix_cases.h"
#include "wl.h"

#define CASES          ARRAY_SIZE(matrix_cases)
#define THREADS_MAX    8
#define QUIET_LIMIT_NS (20 * NS_PER_S)

static int64_t rounds = 5;
static const char *only;

struct instance {
	int epfd, watched;
	_Atomic int waits, events, timeouts, signals; /* as they happened */
	struct expect extra;                          /* see observe() */
};

/* A thread that waits once in each round. */
struct waiter {
	struct instance *inst;
	bool polls;
	pthread_t thread;
	sem_t begin;
	pid_t tid;
	_Atomic int64_t entered, returned; /* rounds */
};

static struct running {
	const struct matrix_case *c;
	struct instance inst[LEVELS_MAX];
	struct waiter waiters[THREADS_MAX];
	int threads;
	int fd;
	int64_t round;
} all[CASES];

static void wait_count(struct instance *inst, int n)
{
	inst->waits++;
	if (n == 1)
		inst->events++;
	else if (n == 0)
		inst->timeouts++;
	else if (n == -EINTR)
		inst->signals++;
	else
		die("epoll_wait returned %d", n);
}

static int instance_wait(struct instance *inst, int timeout)
{
	struct epoll_event ev;
	int n = wl_wait(inst->epfd, &ev, 1, timeout);

	wait_count(inst, n);
	if (n == 1 && ev.data.fd != inst->watched)
		die("delivered descriptor %d instead of %d", ev.data.fd, inst->watched);
	return n;
}

static int instance_poll(const struct instance *inst, int timeout)
{
	struct pollfd p = { .fd = inst->epfd, .events = POLLIN };
	int n = poll(&p, 1, timeout);

	if (n < 0)
		die_errno("poll failed");
	return n;
}

static void *waiter_run(void *arg)
{
	struct waiter *w = arg;

	w->tid = gettid();
	for (int64_t round = 1; round <= rounds; round++) {
		sem_wait(&w->begin);
		w->entered = round; /* from here on it sleeps in its wait alone */
		if (w->polls)
			instance_poll(w->inst, -1);
		else
			instance_wait(w->inst, -1);
		w->returned = round;
	}
	sem_wait(&w->begin); /* whoever looks whether it sleeps must find it */
	return NULL;
}

static int returned_count(const struct running *r)
{
	int n = 0;

	for (int i = 0; i < r->threads; i++)
		n += r->waiters[i].returned == r->round;
	return n;
}

/* Whether every thread sleeps in its wait or has returned from it. */
static bool all_rest(const struct running *r)
{
	for (int i = 0; i < r->threads; i++) {
		const struct waiter *w = &r->waiters[i];

		if (w->entered != r->round || (w->returned != r->round && !wl_sleeps(w->tid)))
			return false;
	}
	return true;
}

/*
 * Until nothing happens any more. Whoever is woken runs before wake_up() returns, and wakes the next
 * one before it returns itself: a look at all threads, in which all rest and in the course of which
 * none has returned, is one at which no wakeup is under way.
 */
static void quiet_await(const struct running *r)
{
	int64_t limit = now_ns() + QUIET_LIMIT_NS;
	int before;

	for (int tries = 0;; tries++) {
		before = returned_count(r);
		if (all_rest(r) && returned_count(r) == before)
			return;
		if (now_ns() > limit)
			die("%s: not quiet within %d s", r->c->name,
			    (int)(QUIET_LIMIT_NS / NS_PER_S));
		if (tries < 10)
			sched_yield();
		else
			sleep_ns(50 * NS_PER_US);
	}
}

static bool top_sleeps(const struct running *r)
{
	for (int i = 0; i < r->threads; i++) {
		if (r->waiters[i].inst == &r->inst[0] && r->waiters[i].returned != r->round)
			return true;
	}
	return false;
}

/*
 * An edge-triggered event on both levels, and a thread on each: which of them scans first is up to
 * the scheduler. If it is the lower one, the other finds nothing and sleeps again: one wakeup more
 * in vain. Then one more event is needed for it, which nobody takes below.
 */
static void observe(struct running *r)
{
	struct expect *top = &r->inst[0].extra, *below = &r->inst[1].extra;

	if (!top_sleeps(r))
		return;
	top->woken++;
	top->wasted++;
	top->scans++;
	top->callbacks++;
	top->ready++;
	below->callbacks++;
	below->ready++;
	below->scans++; /* by D, which drops it */
	wl_eventfd_write(r->fd);
}

static void signals_send(struct running *r)
{
	for (int i = 0; i < r->threads; i++) {
		if (r->waiters[i].returned != r->round)
			pthread_kill(r->waiters[i].thread, SIGUSR2);
	}
}

static void must_return(const struct running *r, char step, int got, int want)
{
	if (got != want)
		die("%s: step %c: %d returned instead of %d", r->c->name, step, got, want);
}

/* A step by the main thread alone. */
static void step_alone(struct running *r, char step)
{
	switch (step) {
	case 'r':
		if (!wl_eventfd_read(r->fd))
			die("%s: the eventfd is empty", r->c->name);
		break;
	case 'h':
	case 'H':
		must_return(r, step, instance_wait(&r->inst[step == 'H'], 0), 1);
		break;
	case 'd':
		for (int i = 0; i < (r->c->array ? r->c->instances : 1); i++)
			must_return(r, step, instance_wait(&r->inst[i], 0), 0);
		break;
	case 'D':
		must_return(r, step, instance_wait(&r->inst[1], 0), 0);
		break;
	case 'p':
		must_return(r, step, instance_poll(&r->inst[1], 0), 0);
		break;
	default:
		die("%s: no step %c", r->c->name, step);
	}
}

/* A step after which threads may return. Returns false if it is none. */
static bool step_waking(struct running *r, char step)
{
	const struct instance *last = &r->inst[r->c->instances - 1];

	switch (step) {
	case 'w':
		wl_eventfd_write(r->fd);
		return true;
	case 'z':
		if (write(r->fd, &(uint64_t){ 0 }, sizeof(uint64_t)) != sizeof(uint64_t))
			die_errno("cannot write 0 to the eventfd");
		return true;
	case 'm':
		wl_ctl_must(last->epfd, EPOLL_CTL_MOD, r->fd, EPOLLIN | r->c->bottom);
		return true;
	case 's':
		signals_send(r);
		return true;
	case 'o':
		observe(r);
		return true;
	}
	return false;
}

static void waiter_begin(const struct running *r, struct waiter *w)
{
	sem_post(&w->begin);
	while (w->entered != r->round)
		sched_yield();
	wl_await_sleep(w->tid);
}

static void round_run(struct running *r)
{
	const char *step = r->c->steps;

	r->round++;
	/* One by one: the scan of a poll() looks like an event to a wait that begins meanwhile. */
	for (int i = 0; i < r->threads; i++)
		waiter_begin(r, &r->waiters[i]);
	for (; *step; step++) {
		if (!step_waking(r, *step)) {
			step_alone(r, *step);
			continue;
		}
		quiet_await(r);
		step++;
		if (*step != '~')
			must_return(r, step[-1], returned_count(r), *step - '0');
	}
	must_return(r, '.', returned_count(r), r->threads);
}

static void waiters_add(struct running *r, struct instance *inst, bool polls, int count)
{
	for (int i = 0; i < count; i++) {
		struct waiter *w = &r->waiters[r->threads++];

		w->inst = inst;
		w->polls = polls;
		sem_init(&w->begin, 0, 0);
		if (pthread_create(&w->thread, NULL, waiter_run, w))
			die("cannot start a thread");
	}
}

static void case_run(struct running *r)
{
	const struct matrix_case *c = r->c;

	for (int i = 0; i < (c->array ? c->instances : 1); i++) {
		waiters_add(r, &r->inst[i], false, c->waiters);
		waiters_add(r, &r->inst[i], true, c->pollers);
	}
	waiters_add(r, &r->inst[1], false, c->waiters_below);
	waiters_add(r, &r->inst[1], true, c->pollers_below);
	for (int64_t i = 0; i < rounds; i++)
		round_run(r);
	for (int i = 0; i < r->threads; i++) {
		sem_post(&r->waiters[i].begin);
		pthread_join(r->waiters[i].thread, NULL);
	}
}

static void case_open(struct running *r, const struct matrix_case *c)
{
	r->c = c;
	r->fd = wl_eventfd();
	for (int i = c->instances - 1; i >= 0; i--)
		r->inst[i].epfd = wl_epoll_open();
	/* From the bottom, and the exclusive ones in order. */
	for (int i = 0; i < c->instances; i++) {
		int at = c->array ? i : c->instances - 1 - i;
		bool bottom = c->array || !i;

		r->inst[at].watched = bottom ? r->fd : r->inst[at + 1].epfd;
		wl_ctl_must(r->inst[at].epfd, EPOLL_CTL_ADD, r->inst[at].watched,
			    EPOLLIN | (bottom ? c->bottom : c->top));
	}
}

/* The table's figure for all rounds, and what observe() saw. */
static int total(int per_round, int extra)
{
	return per_round * (int)rounds + extra;
}

static void instance_say(const struct running *r, int i)
{
	const struct instance *inst = &r->inst[i];
	const struct expect *w = &r->c->want[i], *x = &inst->extra;

	if (inst->waits != total(w->waits, 0) || inst->events != total(w->events, 0) ||
	    inst->timeouts != total(w->timeouts, 0) || inst->signals != total(w->signals, 0))
		die("%s: instance %d: %d waits, %d events, %d timeouts, %d signals: not the table's",
		    r->c->name, i, inst->waits, inst->events, inst->timeouts, inst->signals);
	wl_say("instance=%s/%d epfd=%d waits=%d returns_events=%d returns_timeout=%d "
	       "returns_signal=%d returns_error=0 returns_full=%d delivered=%d callbacks=%d cb_ready=%d "
	       "cb_already=%d cb_overflow=0 cb_ignored=%d woken=%d wasted=%d put_back=%d scans=%d "
	       "left_over=0 overflow=0 adds=%d mods=%d dels=0 ctl_errors=0 releases=0",
	       r->c->name, i, inst->epfd, inst->waits, inst->events, inst->timeouts, inst->signals,
	       inst->events, inst->events, total(w->callbacks, x->callbacks),
	       total(w->ready, x->ready), total(w->already, 0), total(w->ignored, 0),
	       total(w->woken, x->woken), total(w->wasted, x->wasted), total(w->put_back, 0),
	       total(w->scans, x->scans), wl_get(WL_ADDS) ? 1 : 0, total(w->mods, 0));
}

static void nothing(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "of each case", 1, 100000 },
		{ "case", OPT_TEXT, &only, "NAME", "that one alone" },
		{ .name = NULL },
	};
	int epfds[CASES * LEVELS_MAX], count = 0;

	wl_init("Every kind of waiter on every kind of item, with the wakeups that must follow.",
		"  wl_matrix --rounds 20\n  wl_matrix --case 3-et-3\n", opts, argc, argv);
	sigaction(SIGUSR2, &(struct sigaction){ .sa_handler = nothing }, NULL);
	wl_setup();
	for (size_t i = 0; i < CASES; i++) {
		if (only && strcmp(only, matrix_cases[i].name))
			continue;
		case_open(&all[i], &matrix_cases[i]);
		for (int k = 0; k < all[i].c->instances; k++)
			epfds[count++] = all[i].inst[k].epfd;
	}
	if (!count)
		die_usage("no case '%s'", only);
	wl_go(epfds, count);
	for (size_t i = 0; i < CASES; i++) {
		if (!all[i].c)
			continue;
		case_run(&all[i]);
		for (int k = 0; k < all[i].c->instances; k++)
			instance_say(&all[i], k);
	}
	wl_publish();
	return 0;
}
