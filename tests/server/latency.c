/* SPDX-License-Identifier: GPL-2.0 */
#include "latency.h"

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int shift;

	if (ns < LATENCY_SPLIT)
		return (unsigned int)ns;
	shift = 63 - (unsigned int)__builtin_clzll(ns) - LATENCY_SPLIT_BITS;
	return shift * LATENCY_SPLIT + (unsigned int)(ns >> shift);
}

/* The largest value that falls into the bucket. */
static uint64_t bucket_end(unsigned int bucket)
{
	unsigned int shift = bucket < 2 * LATENCY_SPLIT ? 0 : bucket / LATENCY_SPLIT - 1;
	uint64_t top = bucket - shift * LATENCY_SPLIT;

	return ((top + 1) << shift) - 1;
}

void latency_add(struct latency *l, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	if (!l->count || ns < l->min)
		l->min = ns;
	if (ns > l->max)
		l->max = ns;
	l->count++;
	l->buckets[bucket_of((uint64_t)ns)]++;
}

void latency_merge(struct latency *sum, const struct latency *l)
{
	if (!l->count)
		return;
	if (!sum->count || l->min < sum->min)
		sum->min = l->min;
	if (l->max > sum->max)
		sum->max = l->max;
	sum->count += l->count;
	for (int i = 0; i < LATENCY_BUCKETS; i++)
		sum->buckets[i] += l->buckets[i];
}

int64_t latency_percentile(const struct latency *l, unsigned int permille)
{
	uint64_t rank = (l->count * permille + 999) / 1000, seen = 0;

	if (!l->count)
		return 0;
	for (unsigned int i = 0; i < LATENCY_BUCKETS; i++) {
		seen += l->buckets[i];
		if (seen < rank || !seen)
			continue;
		return bucket_end(i) < (uint64_t)l->max ? (int64_t)bucket_end(i) : l->max;
	}
	return l->max;
}
