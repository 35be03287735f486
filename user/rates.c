/* SPDX-License-Identifier: GPL-2.0 */
#include "rates.h"

u64 total_diff(u64 now, u64 prev)
{
	return now > prev ? now - prev : 0;
}

double rate_per_second(u64 now, u64 prev, u64 ns)
{
	return ns ? (double)total_diff(now, prev) * 1e9 / (double)ns : 0;
}

u64 hist_sum(const u64 *slots)
{
	u64 sum = 0;

	for (int i = 0; i < HIST_SLOTS; i++)
		sum += slots[i];
	return sum;
}

void hist_diff(const u64 *now, const u64 *prev, u64 *out)
{
	for (int i = 0; i < HIST_SLOTS; i++)
		out[i] = total_diff(now[i], prev[i]);
}

static u64 interpolated(const u64 *slots, double share)
{
	double rank = share * (double)hist_sum(slots), below = 0, low, n;
	int last = -1;

	for (int i = 0; i < HIST_SLOTS; i++) {
		if (!slots[i])
			continue;
		n = (double)slots[i];
		last = i;
		if (below + n < rank) {
			below += n;
			continue;
		}
		low = i ? (double)(1ULL << i) : 0; /* slot 0 holds 0 and 1 */
		return (u64)(low +
			     ((double)(2ULL << i) - low) * (rank > below ? rank - below : 0) / n);
	}
	return last < 0 ? 0 : 2ULL << last;
}

u64 hist_percentile(const u64 *slots, double share, u64 max)
{
	u64 v = interpolated(slots, share);
	int last = HIST_SLOTS - 1;

	while (last > 0 && !slots[last])
		last--;
	/* A maximum below the highest slot that is in use is not one: see contract.h */
	return v > max && (!last || max >> last) ? max : v;
}
