/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_LATENCY_H
#define TESTS_LATENCY_H

#include <stdint.h>

/* Each power of two is split into this many buckets: a percentile is at most 1/64 too high. */
#define LATENCY_SPLIT_BITS 6
#define LATENCY_SPLIT      (1 << LATENCY_SPLIT_BITS)
#define LATENCY_BUCKETS    ((64 - LATENCY_SPLIT_BITS) * LATENCY_SPLIT)

/* Latencies in nanoseconds. Zero-initialised it is empty. min and max are exact. */
struct latency {
	uint64_t count;
	int64_t min, max;
	uint64_t buckets[LATENCY_BUCKETS];
};

/* Take in one value; a negative one counts as 0. */
void latency_add(struct latency *l, int64_t ns);

/* sum += l */
void latency_merge(struct latency *sum, const struct latency *l);

/* The value that permille of all values do not exceed (990: p99); 0 when empty. */
int64_t latency_percentile(const struct latency *l, unsigned int permille);

#endif
