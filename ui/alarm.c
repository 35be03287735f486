/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>
#include "alarm.h"
#include "rates.h"

#define MS 1000000ULL

static void add_wakeups(const struct m_instance *inst, u64 *woken, u64 *wasted)
{
	*woken += total_diff(inst->now.st.woken, inst->prev.st.woken);
	*wasted += total_diff(inst->now.st.wasted, inst->prev.st.wasted);
}

double wasted_share(const struct model *m, const struct m_instance *inst)
{
	u64 woken = 0, wasted = 0;

	if (model_tier(m, HOOK_WAKE) == TIER_NONE)
		return -1;
	if (inst)
		add_wakeups(inst, &woken, &wasted);
	for (u32 i = 0; !inst && i < m->ninst; i++)
		if (!m->inst[i].dead)
			add_wakeups(&m->inst[i], &woken, &wasted);
	return woken ? (double)wasted / (double)woken : -1;
}

static enum style ns_style(u64 ns, u64 warn, u64 bad)
{
	if (ns >= bad)
		return ST_BAD;
	return ns >= warn ? ST_WARN : ST_NORMAL;
}

static enum style wasted_style(const struct row *row)
{
	double share = wasted_share(row->model, row->inst);

	if (share > 0.3)
		return ST_BAD;
	return share > 0.05 ? ST_WARN : ST_NORMAL;
}

static bool value_is_zero(const struct value *v)
{
	switch (v->kind) {
	case VAL_INT:
		return v->i == 0;
	case VAL_UINT:
	case VAL_NS:
		return v->u == 0;
	case VAL_REAL:
		return v->r <= 0;
	default:
		return false;
	}
}

enum style figure_style(const char *column, const struct value *v, const struct row *row)
{
	if (v->kind == VAL_UNKNOWN || (row->inst && row->inst->dead))
		return ST_DIM;
	if (strcmp(column, "comm") == 0)
		return ST_ACCENT;
	if (value_is_zero(v))
		return ST_DIM;
	if (strncmp(column, "wasted", 6) == 0 && row->inst)
		return wasted_style(row);
	if (strcmp(column, "wasted") == 0)
		return ST_WARN;
	if (strcmp(column, "overflow") == 0 || strcmp(column, "ctl_errors") == 0)
		return ST_WARN;
	if (v->kind != VAL_NS)
		return ST_NORMAL;
	/* A loop that does not come back for 100 ms is heard of by its clients. */
	if (strcmp(column, "handler_p99_ns") == 0)
		return ns_style(v->u, 10 * MS, 100 * MS);
	if (strcmp(column, "ready_p99_ns") == 0)
		return ns_style(v->u, 5 * MS, 50 * MS);
	return strcmp(column, "sched_p99_ns") == 0 ? ns_style(v->u, 5 * MS, 50 * MS) : ST_NORMAL;
}
