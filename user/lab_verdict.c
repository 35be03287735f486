/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "columns.h"
#include "lab_verdict.h"
#include "view_stat.h"

int lab_lists_read(struct lab_run *run, u64 id, u64 ts)
{
	struct lab_lists *more;
	size_t i = 0;

	while (i < run->nlists && run->lists[i].id != id)
		i++;
	if (i == run->lists_size) {
		more = realloc(run->lists, (i * 2 + 16) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		run->lists = more;
		run->lists_size = i * 2 + 16;
	}
	run->nlists += i == run->nlists;
	run->lists[i] = (struct lab_lists){ id, ts };
	return 0;
}

static u64 lists_ts(const struct lab_run *run, u64 id)
{
	for (size_t i = 0; i < run->nlists; i++)
		if (run->lists[i].id == id)
			return run->lists[i].ts;
	return 0;
}

int lab_sample(struct lab_run *run, const struct model *m)
{
	struct lab_gauge *more;

	for (u32 i = 0; i < m->ninst; i++) {
		const struct m_instance *inst = &m->inst[i];
		bool tree = tree_exact(&inst->tree);

		if (inst->dead)
			continue;
		if (run->ngauges == run->gauges_size) {
			run->gauges_size = run->gauges_size * 2 + 256;
			more = realloc(run->gauges, run->gauges_size * sizeof(*more));
			if (!more)
				return -ENOMEM;
			run->gauges = more;
		}
		run->gauges[run->ngauges++] = (struct lab_gauge){
			.ts = m->ts,
			.tree_ts = inst->tree.known ? inst->tree.ts : 0,
			.lists_ts = lists_ts(run, inst->now.id),
			.id = inst->now.id,
			.items = inst->items_now,
			.depth = tree ? (s64)inst->tree.depth : UNKNOWN_S64,
			.black_height = tree ? (s64)inst->tree.black_height : UNKNOWN_S64,
			.ready = inst->ready_now,
			.overflow = inst->overflow_now,
			.waiters = inst->waiters_now,
		};
	}
	return 0;
}

void lab_run_free(struct lab_run *run)
{
	free(run->gauges);
	free(run->lists);
	free(run->rows);
	memset(run, 0, sizeof(*run));
}

size_t lab_wrong(const struct lab_run *run, size_t *unknown)
{
	size_t wrong = 0, n = 0;

	for (size_t i = 0; i < run->nrows; i++) {
		wrong += run->rows[i].holds == LAB_WRONG;
		n += run->rows[i].holds == LAB_UNKNOWN;
	}
	if (unknown)
		*unknown = n;
	return wrong;
}

s64 lab_said(const struct lab_run *run, const char *key)
{
	for (size_t i = 0; i < run->truth->nnumbers; i++)
		if (!strcmp(run->truth->numbers[i].key, key))
			return run->truth->numbers[i].value;
	return LAB_MISSING;
}

/* The model's instance that the program means; NULL if it was never seen. */
static const struct m_instance *find(const struct lab_run *run, const struct lab_instance *wanted)
{
	const struct m_instance *found = NULL;
	u32 smaller = 0;

	/* The nth of those that match has n with a smaller number than its own. */
	for (u32 i = 0; i < run->model->ninst && !found; i++) {
		const struct m_instance *a = &run->model->inst[i];

		if (a->now.tgid != wanted->tgid || a->now.epfd != wanted->epfd)
			continue;
		smaller = 0;
		for (u32 k = 0; k < run->model->ninst; k++) {
			const struct m_instance *b = &run->model->inst[k];

			smaller += b->now.tgid == wanted->tgid && b->now.epfd == wanted->epfd &&
				   b->num < a->num;
		}
		if (smaller == wanted->nth)
			found = a;
	}
	return found;
}

/* One column of one instance over its whole time. */
static s64 value_of(const struct lab_run *run, const struct m_instance *inst,
		    const struct column *col)
{
	struct m_instance *whole = inst && col ? malloc(sizeof(*whole)) : NULL;
	struct row row = { .model = run->model, .inst = whole };
	struct value v;

	if (!whole)
		return LAB_MISSING;
	stat_whole_time(inst, whole);
	column_value(col, &row, &v);
	free(whole);
	switch (v.kind) {
	case VAL_INT:
		return v.i;
	case VAL_UINT:
	case VAL_NS:
		return (s64)v.u;
	case VAL_UNKNOWN:
		return UNKNOWN_S64;
	default:
		return LAB_MISSING;
	}
}

enum fold {
	FOLD_SUM,
	FOLD_MOST,
	FOLD_LEAST
};

static s64 folded(s64 all, s64 one, enum fold how)
{
	if (how == FOLD_SUM)
		return all + one;
	return (how == FOLD_MOST) == (one > all) ? one : all;
}

static s64 figure(const struct lab_run *run, const char *pattern, const char *column, enum fold how)
{
	const struct column *col = column_by_name(ROW_INSTANCE, column);
	s64 all = LAB_MISSING, one;

	for (size_t i = 0; i < run->truth->ninstances; i++) {
		const struct lab_instance *in = &run->truth->instances[i];

		if (fnmatch(pattern, in->name, 0))
			continue;
		one = value_of(run, find(run, in), col);
		if (one == LAB_MISSING || one == UNKNOWN_S64)
			return one;
		all = all == LAB_MISSING ? one : folded(all, one, how);
	}
	return all;
}

void lab_inexact(const struct lab_run *run, const char *instances, char *buf, size_t size)
{
	const struct column *col = column_by_name(ROW_INSTANCE, "inexact");
	struct row row = { .model = run->model };
	struct value v;

	buf[0] = 0;
	for (size_t i = 0; i < run->truth->ninstances && !buf[0]; i++) {
		if (fnmatch(instances, run->truth->instances[i].name, 0))
			continue;
		row.inst = find(run, &run->truth->instances[i]);
		if (!row.inst)
			continue;
		column_value(col, &row, &v);
		snprintf(buf, size, "%s", v.text);
	}
}

s64 lab_figure(const struct lab_run *run, const char *instances, const char *column)
{
	return figure(run, instances, column, FOLD_SUM);
}

s64 lab_most(const struct lab_run *run, const char *instances, const char *column)
{
	return figure(run, instances, column, FOLD_MOST);
}

s64 lab_least(const struct lab_run *run, const char *instances, const char *column)
{
	return figure(run, instances, column, FOLD_LEAST);
}

static s64 gauge_value(const struct lab_gauge *g, const char *name)
{
	const struct {
		const char *name;
		s64 value;
	} fields[] = {
		{ "items", g->items },       { "depth", g->depth },
		{ "ready", g->ready },       { "black_height", g->black_height },
		{ "overflow", g->overflow }, { "waiters", g->waiters },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i].name, name))
			return fields[i].value;
	return LAB_MISSING;
}

/*
 * Whether the sample tells of the time between begin and end. Items are counted from what the tree
 * had when it was last read; one that has not been read is counted from its beginning.
 */
static bool tells_of(const struct lab_gauge *g, const char *gauge, u64 begin, u64 end)
{
	u64 ts = g->lists_ts;

	if (!strcmp(gauge, "items"))
		return g->ts < end && (g->tree_ts ? g->tree_ts : g->ts) >= begin;
	if (!strcmp(gauge, "depth") || !strcmp(gauge, "black_height"))
		ts = g->tree_ts;
	return ts >= begin && ts < end;
}

/* The last known value of the samples between begin and end. */
static s64 gauge_of(const struct lab_run *run, const char *instance, const char *gauge, u64 begin,
		    u64 end)
{
	const struct m_instance *inst = NULL;
	s64 found = UNKNOWN_S64, value;

	for (size_t i = 0; i < run->truth->ninstances; i++)
		if (!strcmp(run->truth->instances[i].name, instance))
			inst = find(run, &run->truth->instances[i]);
	if (!inst)
		return LAB_MISSING;
	for (size_t i = 0; i < run->ngauges; i++) {
		const struct lab_gauge *g = &run->gauges[i];

		value = gauge_value(g, gauge);
		if (value == LAB_MISSING)
			return value;
		if (g->id != inst->now.id || value == UNKNOWN_S64 ||
		    !tells_of(g, gauge, begin, end))
			continue;
		found = value;
	}
	return found;
}

s64 lab_gauge(const struct lab_run *run, const char *instance, const char *gauge, const char *phase)
{
	const struct lab_truth *t = run->truth;

	for (size_t i = 0; i < t->nphases; i++)
		if (!strcmp(t->phases[i].name, phase))
			return gauge_of(run, instance, gauge, t->phases[i].begin_ns,
					i + 1 < t->nphases ? t->phases[i + 1].begin_ns : ~0ULL);
	return LAB_MISSING;
}

static void number_text(char *out, size_t size, s64 n)
{
	if (n == UNKNOWN_S64)
		snprintf(out, size, "-");
	else if (n == LAB_MISSING)
		snprintf(out, size, "missing");
	else
		snprintf(out, size, "%" PRId64, n);
}

static bool is_number(s64 n)
{
	return n != UNKNOWN_S64 && n != LAB_MISSING;
}

/* expected: as text; bound: a number it is made of that may itself be unknown. */
static void row_add(struct lab_run *run, const char *what, const char *expected, s64 bound,
		    s64 measured, bool holds)
{
	struct lab_row *row, *more;

	if (run->nrows == run->rows_size) {
		more = realloc(run->rows, (run->rows_size * 2 + 16) * sizeof(*more));
		if (!more) {
			fprintf(stderr, "epscope: out of memory\n");
			abort(); /* a row left out would be a verdict that says too much */
		}
		run->rows = more;
		run->rows_size = run->rows_size * 2 + 16;
	}
	row = &run->rows[run->nrows++];
	snprintf(row->what, sizeof(row->what), "%s", what);
	snprintf(row->expected, sizeof(row->expected), "%s", expected);
	number_text(row->measured, sizeof(row->measured), measured);
	if (measured == LAB_MISSING || bound == LAB_MISSING)
		row->holds = LAB_WRONG;
	else if (!is_number(measured) || !is_number(bound))
		row->holds = LAB_UNKNOWN;
	else
		row->holds = holds ? LAB_HOLDS : LAB_WRONG;
}

void lab_equal(struct lab_run *run, const char *what, s64 expected, s64 measured)
{
	char text[48];

	number_text(text, sizeof(text), expected);
	row_add(run, what, text, expected, measured, expected == measured);
}

void lab_between(struct lab_run *run, const char *what, s64 least, s64 most, s64 measured)
{
	char text[48];

	snprintf(text, sizeof(text), "%" PRId64 " to %" PRId64, least, most);
	row_add(run, what, text, is_number(least) ? most : least, measured,
		measured >= least && measured <= most);
}

static void one_sided(struct lab_run *run, const char *what, const char *words, s64 bound,
		      s64 measured, bool holds)
{
	char text[48], number[24];

	number_text(number, sizeof(number), bound);
	snprintf(text, sizeof(text), "%s %s", words, number);
	row_add(run, what, text, bound, measured, holds);
}

void lab_at_least(struct lab_run *run, const char *what, s64 least, s64 measured)
{
	one_sided(run, what, "at least", least, measured, measured >= least);
}

void lab_at_most(struct lab_run *run, const char *what, s64 most, s64 measured)
{
	one_sided(run, what, "at most", most, measured, measured <= most);
}
