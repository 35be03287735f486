/* SPDX-License-Identifier: GPL-2.0 */
/* What epscope costs per second, derived from two readings of totals. Pure. */
#ifndef EPSCOPE_COST_RATES_H
#define EPSCOPE_COST_RATES_H

#include <stddef.h>
#include "records.h"

#define COST_UNKNOWN (-1.0)

/* Each COST_UNKNOWN if it cannot be told. Shares: 1 is one core, or all of the time. */
struct cost_rates {
	double bpf;       /* share of one core that hooked programs take, while accounted */
	double runs;      /* of them per second, while accounted */
	double run_ns;    /* nanoseconds per run */
	double accounted; /* share of the time for which the three above were measured */
	double cpu;       /* share of one core that epscope's process takes */
	double bytes;     /* of records per second */
	double events;    /* streamed per second */
};

/* now - prev in each field, as total_diff(). */
void cost_diff(const struct rec_cost *now, const struct rec_cost *prev, struct rec_cost *out);
/* diff: what came in ns nanoseconds. */
void cost_rates(const struct rec_cost *diff, u64 ns, struct cost_rates *out);
/* A share in percent of a core, three digits ("1.25%", "40.1%", "250%"), "-" if unknown. */
void cost_percent(double share, char *buf, size_t size);
/* A figure as the screen writes it and then its unit, "-" if it is negative: unknown. */
void cost_figure(double figure, const char *unit, char *buf, size_t size);

#endif
