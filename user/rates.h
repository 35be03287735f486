/* SPDX-License-Identifier: GPL-2.0 */
/* Figures derived from two readings of totals, and from log2 histograms. Pure. */
#ifndef EPSCOPE_RATES_H
#define EPSCOPE_RATES_H

#include "contract.h"

/* now - prev of a total that only grows; 0 if it fell (its owner was replaced). */
u64 total_diff(u64 now, u64 prev);
/* Per second: (now - prev) over ns nanoseconds; 0 if ns is 0. */
double rate_per_second(u64 now, u64 prev, u64 ns);
/* Number of values in a histogram of HIST_SLOTS slots. */
u64 hist_sum(const u64 *slots);
/* out[i] = now[i] - prev[i], as total_diff(). */
void hist_diff(const u64 *now, const u64 *prev, u64 *out);
/*
 * The value below which a share (0..1) of the values lies, interpolated linearly inside its slot
 * [2^i, 2^(i+1)), so within a factor of two of the exact one; and never above max, the largest value
 * that was ever counted. 0 if the histogram is empty.
 */
u64 hist_percentile(const u64 *slots, double share, u64 max);

#endif
