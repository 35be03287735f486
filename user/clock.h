/* SPDX-License-Identifier: GPL-2.0 */
/* The clocks that records carry, ns. */
#ifndef EPSCOPE_CLOCK_H
#define EPSCOPE_CLOCK_H

#include <time.h>
#include "contract.h"

static inline u64 clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (u64)ts.tv_sec * 1000000000ULL + (u64)ts.tv_nsec;
}

static inline u64 clock_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif
