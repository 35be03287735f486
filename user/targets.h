/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes are watched: from -p, -n, -a and the command after --; kept up to date. */
#ifndef EPSCOPE_TARGETS_H
#define EPSCOPE_TARGETS_H

#include "child.h"
#include "exit_codes.h"
#include "options.h"
#include "records.h"

struct target {
	u32 tgid;
	u64 entered_ns; /* its value in the map */
	int pidfd;      /* tells the end, and is not fooled by a reused PID; -1: kernel refused */
	bool exited;
	bool told;      /* REC_TARGET was emitted in this state */
	bool unwatched; /* the BPF map was full: counted as LOSS_TARGETS, and tried again */
	char comm[COMM_LEN];
};

struct targets {
	const struct options *o;
	struct target *list;
	size_t n, size;
	int map_fd;    /* BPF map "targets" */
	u64 *losses;   /* of the BPF side, index enum loss */
	u64 next_scan; /* CLOCK_MONOTONIC, for -n */
	pid_t child;   /* command after --, 0: none */
	int child_go;  /* closing it lets the command start */
};

/* Finds the processes named, starts the command (held back). Errors are said in one line. */
enum exit_code targets_init(struct targets *t, const struct options *o, enum child_output output);
/* Makes the BPF side watch them. Returns 0 or a negative errno. */
int targets_attach(struct targets *t, int map_fd, u64 *losses);
/* Lets the command run: once everything is attached. EXIT_COMMAND if it could not be started. */
enum exit_code targets_go(struct targets *t);
/* Notices exits and, every second, new processes of that name. Emits REC_TARGET on changes. */
int targets_update(struct targets *t, record_fn fn, void *ctx);
/* The kernel missed a process that was to be watched: those that -f and -n mean are looked for. Returns
 * 0 or a negative errno. */
int targets_rescan(struct targets *t);
/* Nothing is left to watch, and nothing can come: never for -n and -a. */
bool targets_gone(const struct targets *t);
/* Ends the command that was started, if it still runs. */
void targets_close(struct targets *t);

#endif
