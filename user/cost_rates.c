/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include "cost_rates.h"
#include "columns.h"
#include "rates.h"

void cost_diff(const struct rec_cost *now, const struct rec_cost *prev, struct rec_cost *out)
{
	*out = (struct rec_cost){
		.cpu_ns = total_diff(now->cpu_ns, prev->cpu_ns),
		.bpf_ns = total_diff(now->bpf_ns, prev->bpf_ns),
		.bpf_runs = total_diff(now->bpf_runs, prev->bpf_runs),
		.accounted_ns = total_diff(now->accounted_ns, prev->accounted_ns),
		.bytes = total_diff(now->bytes, prev->bytes),
		.events = total_diff(now->events, prev->events),
	};
}

static double share(u64 part, u64 whole)
{
	return whole ? (double)part / (double)whole : COST_UNKNOWN;
}

static double per_second(u64 n, u64 ns)
{
	return ns ? rate_per_second(n, 0, ns) : COST_UNKNOWN;
}

void cost_rates(const struct rec_cost *diff, u64 ns, struct cost_rates *out)
{
	*out = (struct cost_rates){
		.bpf = share(diff->bpf_ns, diff->accounted_ns),
		.runs = per_second(diff->bpf_runs, diff->accounted_ns),
		.run_ns = share(diff->bpf_ns, diff->bpf_runs),
		.accounted = diff->accounted_ns ? share(diff->accounted_ns, ns) : COST_UNKNOWN,
		.cpu = share(diff->cpu_ns, ns),
		.bytes = per_second(diff->bytes, ns),
		.events = per_second(diff->events, ns),
	};
}

void cost_percent(double share, char *buf, size_t size)
{
	double percent = share * 100;

	if (share < 0)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%.*f%%",
			 percent < 9.995   ? 2
			 : percent < 99.95 ? 1
					   : 0,
			 percent);
}

void cost_figure(double figure, const char *unit, char *buf, size_t size)
{
	struct value v = { .kind = figure < 0 ? VAL_UNKNOWN : VAL_REAL, .r = figure };
	char text[12];

	value_screen(&v, text, sizeof(text));
	snprintf(buf, size, "%s%s", text, figure < 0 ? "" : unit);
}
