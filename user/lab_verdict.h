/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run of an experiment left, and the rows that judge it. Expected numbers follow from what
 * the program was to do; measured ones are the kernel's, out of the model. A figure that the tier
 * cannot know makes its row unknown, not wrong; one that is missing makes it wrong.
 */
#ifndef EPSCOPE_LAB_VERDICT_H
#define EPSCOPE_LAB_VERDICT_H

#include "lab_truth.h"
#include "model.h"

/* No such instance, column, phase or key: never equal to anything. */
#define LAB_MISSING (INT64_MIN + 1)

enum lab_holds {
	LAB_WRONG,
	LAB_HOLDS,
	LAB_UNKNOWN, /* this tier cannot tell */
};

struct lab_row {
	char what[80];
	char expected[48], measured[24];
	enum lab_holds holds;
};

/* A sample of what is no count. Trees and lists are not read at every tick: their time is told. */
struct lab_gauge {
	u64 ts, tree_ts, lists_ts; /* 0: not read yet */
	u64 id;
	s64 items, depth, black_height, ready, overflow, waiters;
};

/* When the lists of an instance were read last. */
struct lab_lists {
	u64 id, ts;
};

struct lab_run {
	const struct model *model; /* as the run ended */
	const struct lab_truth *truth;
	struct lab_gauge *gauges; /* in the order of time */
	size_t ngauges, gauges_size;
	struct lab_lists *lists;
	size_t nlists, lists_size;
	struct lab_row *rows;
	size_t nrows, rows_size;
};

/* The ready list and the waiters of that instance were read then. Returns 0 or -ENOMEM. */
int lab_lists_read(struct lab_run *run, u64 id, u64 ts);
/* Keeps the gauges of all instances at this tick. Returns 0 or -ENOMEM. */
int lab_sample(struct lab_run *run, const struct model *m);
/* Places where data of these instances was lost, as in the column "inexact"; "" if none was. Counts are
 * lower bounds then. */
void lab_inexact(const struct lab_run *run, const char *instances, char *buf, size_t size);
/* Frees what the run collected. */
void lab_run_free(struct lab_run *run);
/* Rows that are wrong, and (unknown not NULL) how many are unknown. */
size_t lab_wrong(const struct lab_run *run, size_t *unknown);

/* ---- for verdicts ---- */

/* The program's number of that key. */
s64 lab_said(const struct lab_run *run, const char *key);
/*
 * A column of `epscope stat` over the whole run, summed over the instances whose names match the
 * pattern (fnmatch): "lt", "worker*". Times are nanoseconds.
 */
s64 lab_figure(const struct lab_run *run, const char *instances, const char *column);
/* The largest and the smallest of these. */
s64 lab_most(const struct lab_run *run, const char *instances, const char *column);
s64 lab_least(const struct lab_run *run, const char *instances, const char *column);
/* items, depth, black_height, ready, overflow or waiters of one instance, as last read in that phase
 * of the program; unknown if it was not read in that phase. */
s64 lab_gauge(const struct lab_run *run, const char *instance, const char *gauge,
	      const char *phase);

/* Rows. what: a few words that name the figure and end without a full stop. */
void lab_equal(struct lab_run *run, const char *what, s64 expected, s64 measured);
void lab_between(struct lab_run *run, const char *what, s64 least, s64 most, s64 measured);
void lab_at_least(struct lab_run *run, const char *what, s64 least, s64 measured);
void lab_at_most(struct lab_run *run, const char *what, s64 most, s64 measured);

#endif
