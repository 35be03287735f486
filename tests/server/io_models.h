/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the models of lab_io_models share: one job, to receive all that some senders send, each over
 * a Unix stream socket of its own.
 */
#ifndef TESTS_IO_MODELS_H
#define TESTS_IO_MODELS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "latency.h"

#define SENDERS 4

struct message {
	int64_t sent; /* now_ns(); 0: of the burst at the begin */
	int64_t number;
	char filler[48];
};

/* One sender, seen by the receiver. */
struct source {
	int fd;
	bool over;
	size_t got; /* bytes of the message that is on its way */
	struct message message;
	int64_t calls, empty, received; /* calls of recv(), and of these that found nothing */
	struct latency latency;         /* sent to received */
};

struct job {
	struct source sources[SENDERS];
	bool broken;
	int64_t waits;     /* calls that wait: epoll_wait, sigwaitinfo, io_uring_enter */
	int64_t events;    /* what they brought: events, signals, completions */
	int64_t overflows; /* signals: the queue was full */
	int epfd;          /* epoll: stays open */
};

struct model {
	const char *name, *key;
	bool blocking; /* its sockets */
	/* Before the first message; returns false, and errno, if the kernel does not have it. */
	bool (*prepare)(struct job *j);
	/* Until all senders have ended, or nothing comes any more. */
	void (*receive)(struct job *j);
	void (*end)(struct job *j); /* may be NULL */
};

extern const struct model model_blocking, model_polling, model_epoll, model_signals, model_uring;

/* Milliseconds that a wait may take: broken ones must come to an end. -1: any time. */
int job_timeout_ms(const struct job *j);
/* How many sources have not ended. */
int job_left(const struct job *j);

/* One recv(). Returns whether it brought something: not if nothing was there, or at the end. */
bool source_receive(struct source *s);
/* The same for a result that came another way: bytes, 0 for the end, or a negative errno. */
bool source_took(struct source *s, ssize_t n);

#endif
