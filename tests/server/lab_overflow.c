/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages that arrive while epoll_wait() is copying events. A reader waits for the messages of
 * several sockets; its scan is stopped in the middle, and until it goes on every socket but the one
 * that began it gets two messages. None of them may be lost or reported twice.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "stall.h"

#define ITEMS      5 /* that become ready while the scan is stopped */
#define MESSAGES   2 /* to each of them, of a byte each */
#define LOOK_HOLDS 3

struct mode {
	const char *name;
	int epfd;
	struct stall stall;
	int trigger[2], items[ITEMS][2]; /* the reader has the first of each pair */
	sem_t round_done;
	int64_t first_batch; /* events of the stopped waits; the reader's, like the next */
	int64_t bytes;
};

static int64_t rounds = 20;

/* Wait, and read all that is there. Returns the number of events. */
static int batch(struct mode *m, int timeout_ms)
{
	int n;

	do {
		n = epoll_wait(m->epfd, m->stall.events, m->stall.max, timeout_ms);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		die_errno("epoll_wait failed");
	for (int i = 0; i < n; i++)
		m->bytes += (int64_t)lab_drain(m->stall.events[i].data.fd, NULL);
	return n;
}

static void *reader_run(void *arg)
{
	struct mode *m = arg;

	for (int64_t i = 0; i < rounds; i++) {
		stall_again(&m->stall);
		m->first_batch += batch(m, -1);
		/* Broken: there was room for more events, thus the reader believes that it has seen
		 * all that is ready, and has other things to do. */
		while (!lab_broken && batch(m, 0))
			;
		sem_post(&m->round_done);
	}
	return NULL;
}

static void messages_send(struct mode *m)
{
	for (int k = 0; k < MESSAGES; k++) {
		for (int i = 0; i < ITEMS; i++)
			lab_write(m->items[i][1], 1);
	}
}

/* The last stop lasts long enough to be looked at, on a busy machine as well. */
static void last_hold(const struct mode *m)
{
	char phase[32];

	snprintf(phase, sizeof(phase), "%s_stopped", m->name);
	lab_phase(phase);
	for (int i = 0; i < LOOK_HOLDS; i++)
		lab_hold();
	lab_phase("running");
}

static void rounds_run(struct mode *m)
{
	for (int64_t i = 0; i < rounds; i++) {
		lab_write(m->trigger[1], 1);
		stall_await(&m->stall);
		messages_send(m);
		lab_pace();
		if (i == rounds - 1)
			last_hold(m);
		stall_end(&m->stall);
		while (sem_wait(&m->round_done) && errno == EINTR)
			;
	}
}

static void tell(const struct mode *m)
{
	char key[48];

	snprintf(key, sizeof(key), "%s_first_batch", m->name);
	lab_number(key, m->first_batch);
	snprintf(key, sizeof(key), "%s_bytes", m->name);
	lab_number(key, m->bytes);
	lab_say("%s: %d scans were stopped, and %d messages to %d sockets arrived during each; "
		"%d bytes were read in all",
		m->name, (int)rounds, ITEMS * MESSAGES, ITEMS, (int)m->bytes);
}

static void mode_run(const char *name, uint32_t flags)
{
	struct mode m = { .name = name, .epfd = lab_epoll(name) };
	pthread_t reader;

	stall_open(&m.stall);
	lab_socketpair(m.trigger);
	lab_add(m.epfd, m.trigger[0], EPOLLIN | flags);
	for (int i = 0; i < ITEMS; i++) {
		lab_socketpair(m.items[i]);
		lab_add(m.epfd, m.items[i][0], EPOLLIN | flags);
	}
	if (sem_init(&m.round_done, 0, 0) || pthread_create(&reader, NULL, reader_run, &m))
		die("cannot start a thread");
	rounds_run(&m);
	pthread_join(reader, NULL);
	stall_close(&m.stall);
	tell(&m);
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "stopped scans in each mode", 1, 10000 },
		{ .name = NULL },
	};

	lab_init("Messages that arrive while epoll_wait is copying events; needs root.", own, argc,
		 argv);
	lab_number("rounds", rounds);
	lab_number("items", ITEMS);
	lab_number("messages", MESSAGES);
	mode_run("lt", 0);
	mode_run("et", EPOLLET);
	lab_done();
	return 0;
}
