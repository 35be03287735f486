/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_LOAD_H
#define TESTS_LOAD_H

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "addr.h"
#include "latency.h"

#define LOAD_THREADS_MAX 64

/* The client's command line. */
struct load_config {
	const char *connect;
	int64_t connections;
	int64_t active; /* of them send; -1: all */
	int64_t size;
	int64_t rate; /* messages per second in all, 0: as fast as the echoes come */
	int64_t count;
	int64_t duration_ns;
	int64_t connect_rate;
	int64_t pause_ns; /* connections per second, 0: as fast as possible */
	int64_t reconnect_after;
	int64_t grace_ns;
	int64_t threads;
	bool idle_first;
	bool quiet;
};

/* Parse the command line; exits with 2 on wrong use, 0 after --help. */
void load_config_parse(struct load_config *cfg, int argc, char **argv);

enum load_key {
	L_CONNECTIONS,     /* opened in all, with the reconnections */
	L_MESSAGES_SENT,   /* wholly */
	L_MESSAGES_ECHOED, /* whole echoes, right or wrong */
	L_BYTES_SENT,
	L_BYTES_RECEIVED,
	L_MISMATCHES, /* echoes that are not the message in upper case */
	L_ERRORS,     /* connections that failed or were lost */
	L_UNANSWERED, /* messages begun whose echo never came whole */
	L_KEYS,
};

/* Written by one thread, read by any. */
struct load_counts {
	_Atomic uint64_t v[L_KEYS];
};

/* Only the owning thread may call it. */
void load_count(struct load_counts *c, enum load_key key, uint64_t n);

/* What all messages are cut out of: the alphabet over and over, in both cases. */
struct load_pattern {
	char *lower, *upper;
};

/* One connection that sends; at most one message is under way on it. */
struct load_conn {
	int fd; /* -1: lost */
	int phase;
	uint64_t messages;
	size_t sent, received; /* of the message under way */
	bool wrong;
	int64_t begun_at;
};

/* One sending thread with its share of connections, messages and rate. */
struct load_thread {
	const struct load_config *cfg;
	const struct addr *addr;
	const struct load_pattern *pattern;
	const _Atomic bool *stop;
	pthread_t thread;
	struct load_conn *conns;
	int conn_count;
	int64_t count; /* of messages, INT64_MAX: no limit */
	double rate;   /* per second, 0: no limit */
	struct load_counts counts;
	struct latency latency;
	_Atomic bool done;
	/* Owned by the running thread. */
	int *idle; /* ring of connections without a message under way */
	int idle_head, idle_count;
	struct pollfd *polls; /* one for each connection with a message under way */
	int *poll_conn;       /* which one */
	int poll_count;
	int64_t begun;
	int64_t last_progress;
	char *buf;
};

#define LOAD_BUF 65536

/* Begin a message and send as much of it as fits. Returns false if the connection is lost. */
bool load_conn_begin(struct load_thread *t, struct load_conn *c);

/* Go on after poll. Returns 1 when the echo is whole, 0 for not yet, -1 when it is lost. */
int load_conn_go_on(struct load_thread *t, struct load_conn *c, short revents);

/* Is a part of the message still to be sent? */
bool load_conn_wants_out(const struct load_thread *t, const struct load_conn *c);

/* Thread body; arg is its struct load_thread. */
void *load_thread_run(void *arg);

/* Print the final numbers, one key=value per line. */
void load_report(FILE *f, const struct load_counts *total, const struct latency *latency,
		 int64_t ns);

#endif
