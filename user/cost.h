/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What epscope costs. The kernel's accounting of BPF programs reads a clock twice for each run, so it is
 * on in short windows alone: of what is hooked they are a sample. The rest is known at any time.
 */
#ifndef EPSCOPE_COST_H
#define EPSCOPE_COST_H

#include "records.h"
#include "session.h"

struct cost {
	const struct session *s; /* not owned */
	struct rec_cost total; /* cpu_ns: as of cost_begin() until cost_read() makes a span of it */
	u64 next_ns;           /* CLOCK_MONOTONIC at which cost_tend() is due */
	u64 opened_ns;         /* when the window was due to open */
	int fd;                /* of the accounting while a window is open, else negative */
	/* As the window began: time, and the programs' totals. */
	u64 from_ns, from_bpf_ns, from_runs;
};

/* No window, nothing counted. Needed before anything else. */
void cost_init(struct cost *c, const struct session *s);
/* CPU time counts from here; the first window opens at the next cost_tend(). */
void cost_begin(struct cost *c);
/* Counts a record that is handed on. */
void cost_record(struct cost *c, const struct rec_hdr *hdr);
/*
 * Opens or closes a window if it is time; now: CLOCK_MONOTONIC. A kernel that refuses is asked again a
 * second later, and nothing is accounted.
 */
void cost_tend(struct cost *c, u64 now);
/* Closes the window, if one is open, and books what it saw. */
void cost_close(struct cost *c);
/* Totals until now; an open window is not in them. */
void cost_read(const struct cost *c, struct rec_cost *out);

#endif
