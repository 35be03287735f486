/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Intervals that the kernel sees and a workload cannot measure itself: around each it measures an
 * inner and an outer one, and the truth lies between. All times in nanoseconds.
 */
#ifndef TESTS_BOUNDS_H
#define TESTS_BOUNDS_H

#include <stdint.h>

struct bounds {
	const char *name;
	int64_t count;
	int64_t min, max; /* smallest inner, largest outer */
	int64_t max_min;  /* largest inner: what the largest interval is at least */
	int64_t sum_min, sum_max;
};

void bounds_add(struct bounds *b, int64_t inner, int64_t outer);

/* Add them to the truth: NAME_count, NAME_min_ns and so on. */
void bounds_say(const struct bounds *b);

#endif
