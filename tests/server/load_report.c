/* SPDX-License-Identifier: GPL-2.0 */
#include <inttypes.h>

#include "load.h"
#include "util.h"

static const char *const key_names[L_KEYS] = {
	[L_CONNECTIONS] = "connections",
	[L_MESSAGES_SENT] = "messages_sent",
	[L_MESSAGES_ECHOED] = "messages_echoed",
	[L_BYTES_SENT] = "bytes_sent",
	[L_BYTES_RECEIVED] = "bytes_received",
	[L_MISMATCHES] = "mismatches",
	[L_ERRORS] = "errors",
	[L_UNANSWERED] = "unanswered",
};

void load_count(struct load_counts *c, enum load_key key, uint64_t n)
{
	uint64_t old = atomic_load_explicit(&c->v[key], memory_order_relaxed);

	atomic_store_explicit(&c->v[key], old + n, memory_order_relaxed);
}

void load_report(FILE *f, const struct load_counts *total, const struct latency *latency,
		 int64_t ns)
{
	for (int i = 0; i < L_KEYS; i++)
		fprintf(f, "%s=%" PRIu64 "\n", key_names[i], total->v[i]);
	fprintf(f, "seconds=%.6f\n", (double)ns / NS_PER_S);
	fprintf(f, "latency_min_ns=%" PRId64 "\n", latency->min);
	fprintf(f, "latency_p50_ns=%" PRId64 "\n", latency_percentile(latency, 500));
	fprintf(f, "latency_p99_ns=%" PRId64 "\n", latency_percentile(latency, 990));
	fprintf(f, "latency_max_ns=%" PRId64 "\n", latency->max);
}
