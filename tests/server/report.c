/* SPDX-License-Identifier: GPL-2.0 */
#include <inttypes.h>
#include <unistd.h>

#include "server.h"

static void instance_print(FILE *f, const struct server *srv, int index, struct truth *total)
{
	const struct instance *in = &srv->instances[index];
	struct truth sum = { 0 };
	int threads = 0;

	truth_sum(&sum, &in->control);
	for (int i = 0; i < srv->cfg.threads; i++) {
		if (srv->workers[i].in != in)
			continue;
		threads++;
		truth_sum(&sum, &srv->workers[i].truth);
	}
	truth_sum(total, &sum);
	fprintf(f, "instance=%d epfd=%d threads=%d items_now=%" PRId64 " items_peak=%" PRId64 " ",
		index, in->epfd, threads, in->items, in->items_peak);
	truth_print(f, &sum, ' ');
	fputc('\n', f);
}

static void thread_print(FILE *f, const struct server *srv, int index, bool final)
{
	const struct worker *w = &srv->workers[index];
	struct truth copy = { 0 };

	truth_sum(&copy, &w->truth);
	fprintf(f, "thread=%d tid=%d instance=%td ", index, w->tid, w->in - srv->instances);
	truth_print(f, &copy, ' ');
	if (final)
		fprintf(f, "voluntary_switches=%ld", w->voluntary_switches);
	fputc('\n', f);
}

void report_print(FILE *f, const struct server *srv, bool final)
{
	int64_t items = 0, peak = 0;
	struct truth total = { 0 };

	fprintf(f, "report=%s\n", final ? "final" : "so_far");
	for (int i = 0; i < srv->instance_count; i++) {
		instance_print(f, srv, i, &total);
		items += srv->instances[i].items;
		peak += srv->instances[i].items_peak;
	}
	for (int i = 0; i < srv->cfg.threads; i++)
		thread_print(f, srv, i, final);
	fprintf(f,
		"pid=%d\ninstances=%d\nthreads=%" PRId64 "\nitems_now=%" PRId64
		"\nitems_peak=%" PRId64 "\n",
		getpid(), srv->instance_count, srv->cfg.threads, items, peak);
	truth_print(f, &total, '\n');
	fflush(f);
}
