/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config.h"
#include "truth.h"

/* What all threads share. */
struct server {
	struct config cfg;
	int listener;
	bool tcp;
	struct instance *instances;
	int instance_count;
	struct conn_table *conns;
	struct worker *workers;
	_Atomic bool stop;
	_Atomic bool failed;
};

/* One worker thread. */
struct worker {
	struct server *srv;
	struct instance *in;
	struct truth truth;
	pthread_t thread;
	_Atomic pid_t tid;
	_Atomic bool done;
	long voluntary_switches; /* of the thread, valid once it is joined */
	char *buf;               /* cfg.read_size bytes */
};

/* Thread body: wait and handle until srv->stop. arg is its struct worker. */
void *worker_run(void *arg);

/*
 * Take the reserve descriptor that lets a worker turn connections away when there are no more. Call
 * once, before the workers run; dies on failure.
 */
void reserve_open(void);

/*
 * Print instances, threads and totals. With the workers joined the threads' own figures are exact;
 * before that they are a consistent moment of each thread.
 */
void report_print(FILE *f, const struct server *srv, bool final);

#endif
