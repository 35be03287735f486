/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_CONFIG_H
#define TESTS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

enum {
	MODE_LT,
	MODE_ET
};
enum {
	INSTANCES_SHARED,
	INSTANCES_EACH
};

#define THREADS_MAX 256

/* The server's command line. Times in the unit of the name. */
struct config {
	const char *listen;
	int mode;      /* MODE_* */
	int instances; /* INSTANCES_* */
	int wait_call; /* enum wait_call */
	bool oneshot;
	bool exclusive;
	bool explicit_del;
	int64_t threads;
	int64_t maxevents;
	int64_t timeout_ms;
	int64_t busy_us;
	int64_t sleep_us;
	int64_t rcvbuf;
	int64_t sndbuf;
	int64_t backlog;
	int64_t read_size;
	int64_t close_after;
	int64_t idle_exit_ns;
	int64_t duration_ns;
	const char *ready_file;
	const char *stats_file;
};

/* Parse the command line; exits with 2 on wrong use, 0 after --help. */
void config_parse(struct config *cfg, int argc, char **argv);

#endif
