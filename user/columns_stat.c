/* SPDX-License-Identifier: GPL-2.0 */
/* ROW_STAT: what each row of `stat` says about itself. */
#include "columns_priv.h"

static const struct stat_row *stat_of(const struct row *row)
{
	return row->obj;
}

const char *stat_kind_name(enum stat_kind kind)
{
	static const char *const names[STAT_KINDS] = {
		[STAT_META] = "meta",
		[STAT_INTERVAL] = "interval",
		[STAT_ITEM] = "item",
		[STAT_LOST] = "lost",
		[STAT_SUMMARY] = "summary",
		[STAT_COST] = "cost",
		[STAT_COST_SUMMARY] = "cost_summary",
	};

	return kind < STAT_KINDS ? names[kind] : "?";
}

const char *stat_kind_help(enum stat_kind kind)
{
	static const char *const help[STAT_KINDS] = {
		[STAT_META] = "first row: the wall-clock offset and the tiers, once",
		[STAT_INTERVAL] = "one instance in one interval: counts are those of the interval",
		[STAT_ITEM] = "one item of that instance (with --items): counts since the start",
		[STAT_LOST] = "data was lost since the interval before: how much (lost) and where",
		[STAT_SUMMARY] =
			"at the end, one instance over the whole run: counts since the start",
		[STAT_COST] = "what epscope itself cost in one interval",
		[STAT_COST_SUMMARY] = "at the end, what it cost over the whole run",
	};

	return kind < STAT_KINDS ? help[kind] : "?";
}

GET(row)
{
	set_name(out, stat_kind_name(stat_of(row)->kind));
}

GET(ts_ns)
{
	set_uint(out, stat_of(row)->ts);
}

GET(lost)
{
	if (stat_of(row)->kind == STAT_LOST)
		set_uint(out, stat_of(row)->lost);
	else
		set_unknown(out);
}

GET(where)
{
	if (stat_of(row)->kind == STAT_LOST)
		set_name(out, loss_name(stat_of(row)->where));
	else
		set_unknown(out);
}

GET(wall_offset_ns)
{
	const struct rec_meta *meta = &row->model->meta;

	if (stat_of(row)->kind == STAT_META)
		set_int(out, (s64)(meta->wall_ns - meta->mono_ns));
	else
		set_unknown(out);
}

static bool is_cost(const struct stat_row *stat)
{
	return stat->kind == STAT_COST || stat->kind == STAT_COST_SUMMARY;
}

/* Of the rows whose figures depend on it. */
GET(tiers)
{
	enum stat_kind kind = stat_of(row)->kind;

	if (kind == STAT_LOST || kind == STAT_ITEM || is_cost(stat_of(row))) {
		set_unknown(out);
		return;
	}
	out->kind = VAL_TEXT;
	tiers_text(row->model, out->text, sizeof(out->text));
}

/* Whether the kernel accounted for some of that time. */
static bool is_accounted(const struct stat_row *stat)
{
	return is_cost(stat) && stat->cost.accounted_ns;
}

/* A figure of the rows that are told it. */
#define GET_COST(name, is_told, setter, field)            \
	GET(name)                                         \
	{                                                 \
		if (is_told(stat_of(row)))                \
			setter(out, stat_of(row)->field); \
		else                                      \
			set_unknown(out);                 \
	}

GET_COST(over_ns, is_cost, set_ns, over_ns)
GET_COST(cpu_ns, is_cost, set_ns, cost.cpu_ns)
GET_COST(bpf_ns, is_accounted, set_ns, cost.bpf_ns)
GET_COST(bpf_runs, is_accounted, set_uint, cost.bpf_runs)
GET_COST(accounted_ns, is_accounted, set_ns, cost.accounted_ns)
GET_COST(bytes, is_cost, set_uint, cost.bytes)
GET_COST(events, is_cost, set_uint, cost.events)

const struct column columns_stat[] = {
	COL_TEXT(row, "ROW", 8, ALWAYS, "Kind of the row, see the table of rows."),
	COL(ts_ns, "TIME", "ns", 0, ALWAYS,
	    "End of the interval, CLOCK_MONOTONIC; see wall_offset_ns."),
	COL(lost, "LOST", "", 0, ALWAYS, "lost: how much since the interval before."),
	COL_TEXT(where, "WHERE", 0, ALWAYS, "lost: where, see the table of losses."),
	COL(wall_offset_ns, "WALL", "ns", 0, ALWAYS,
	    "meta: add this to any time to get nanoseconds since 1970 (CLOCK_REALTIME)."),
	COL_TEXT(tiers, "TIERS", 0, ALWAYS,
		 "full, or the hooks whose figures are basic or none on this kernel."),
	COL(over_ns, "OVER", "ns", 0, ALWAYS, "cost: the time that the following are of."),
	COL(cpu_ns, "CPU", "ns", 0, ALWAYS, "cost: CPU time of the process of epscope."),
	COL(bpf_ns, "BPF", "ns", 0, ALWAYS,
	    "cost: time inside its hooked BPF programs, while the kernel accounted."),
	COL(bpf_runs, "RUNS", "", 0, ALWAYS, "cost: runs of these, while the kernel accounted."),
	COL(accounted_ns, "ACCOUNTED", "ns", 0, ALWAYS,
	    "cost: how long the kernel accounted; bpf_ns by it is the share of one core."),
	COL(bytes, "BYTES", "", 0, ALWAYS, "cost: bytes of records, as in a recording."),
	COL(events, "EVENTS", "", 0, ALWAYS, "cost: single events that were streamed."),
};
const size_t columns_stat_count = sizeof(columns_stat) / sizeof(columns_stat[0]);
