/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instances that watch instances, as an event loop inside another one does: level1 watches a
 * socket, level2 watches level1, and so on to the deepest chain that the kernel allows. A thread
 * sleeps on the outermost; for each message it follows the events down to the socket.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "sleepers.h"

#define LEVELS 5   /* above a descriptor: EP_MAX_NESTS of the kernel is 4 */
#define SPINS  100 /* that a broken reader makes before it is saved */

struct chain {
	int levels[LEVELS + 1]; /* levels[1] is the innermost; 0 is not used */
	int sock[2];            /* the reader's and the writer's end */
	_Atomic pid_t reader;
	sem_t done;           /* of one message */
	int64_t bytes, again; /* the reader's: again: returned once more, as nothing was read */
};

static int64_t rounds = 20;

/* The descriptor of the one event that a wait returns; -1: none in time. */
static int event_fd(int epfd, int timeout_ms)
{
	struct epoll_event ev;
	int n;

	do {
		n = epoll_wait(epfd, &ev, 1, timeout_ms);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		die_errno("epoll_wait failed");
	return n ? ev.data.fd : -1;
}

/* An event for an instance says no more than: wait there. Returns what is ready at the bottom. */
static int follow(const struct chain *c, int fd)
{
	while (fd >= 0 && fd != c->sock[0])
		fd = event_fd(fd, 0);
	return fd;
}

/* Broken: the event of the outermost is taken for a message, and no other level is asked. */
static int spin(const struct chain *c)
{
	for (int i = 0; i < SPINS; i++)
		event_fd(c->levels[LEVELS], 0);
	return c->sock[0];
}

static void *reader_run(void *arg)
{
	struct chain *c = arg;
	int outermost = c->levels[LEVELS];

	c->reader = gettid();
	for (int64_t i = 0; i < rounds; i++) {
		int fd = event_fd(outermost, -1);

		c->again += event_fd(outermost, 0) >= 0;
		if ((lab_broken ? spin(c) : follow(c, fd)) < 0)
			die("the event led nowhere");
		c->bytes += (int64_t)lab_drain(c->sock[0], NULL);
		if (event_fd(outermost, 0) >= 0)
			die("an event, and nothing is left to read");
		sem_post(&c->done);
	}
	return NULL;
}

static void chain_open(struct chain *c)
{
	char name[32];

	lab_socketpair(c->sock);
	for (int i = 1; i <= LEVELS; i++) {
		snprintf(name, sizeof(name), "level%d", i);
		c->levels[i] = lab_epoll(name);
		lab_add(c->levels[i], i == 1 ? c->sock[0] : c->levels[i - 1], EPOLLIN);
	}
}

/* EPOLL_CTL_ADD that the kernel has to refuse; returns errno. */
static int refused(const char *what, int epfd, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };
	int err;

	if (!epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev)) {
		lab_say("%s: allowed", what);
		return 0;
	}
	err = errno;
	lab_say("%s: %s", what, err == ELOOP ? "ELOOP" : err == EINVAL ? "EINVAL" : strerror(err));
	return err;
}

static void limits_run(const struct chain *c)
{
	int one, other, level6 = lab_epoll("level6");

	refused("a sixth level", level6, c->levels[LEVELS]);
	one = lab_epoll("cycle1");
	other = lab_epoll("cycle2");
	lab_add(one, other, EPOLLIN);
	lab_number("cycle_eloop", refused("a cycle of two", other, one) == ELOOP);
	lab_number("self_einval", refused("an instance in itself", one, one) == EINVAL);
}

/* Each message comes when the reader sleeps on the outermost. */
static void messages_send(struct chain *c)
{
	for (int64_t i = 0; i < rounds; i++) {
		while (!c->reader)
			sleep_ns(50 * NS_PER_US);
		sleepers_await(&(pid_t){ c->reader }, 1);
		lab_write(c->sock[1], 1);
		while (sem_wait(&c->done) && errno == EINTR)
			;
		lab_pace();
	}
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "messages", 1, 10000 },
		{ .name = NULL },
	};
	struct chain c = { 0 };
	pthread_t reader;

	lab_init("Instances that watch instances.", own, argc, argv);
	lab_number("rounds", rounds);
	lab_number("levels", LEVELS);
	chain_open(&c);
	limits_run(&c);
	if (sem_init(&c.done, 0, 0) || pthread_create(&reader, NULL, reader_run, &c))
		die("cannot start a thread");
	messages_send(&c);
	pthread_join(reader, NULL);
	lab_number("bytes", c.bytes);
	lab_number("again", c.again);
	lab_say("%d messages; %d times the outermost returned again, as long as nothing was read",
		(int)rounds, (int)c.again);
	lab_hold();
	lab_done();
	return 0;
}
