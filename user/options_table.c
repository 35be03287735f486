/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "log.h"
#include "masks.h"
#include "options_table.h"
#include "parse_num.h"
#include "plan.h"

static int bad_number(const char *option, const char *arg, int err, const char *want)
{
	log_error("%s %s: %s; give %s", option, arg,
		  err == -ERANGE ? "out of range" : "not a number as expected", want);
	return -1;
}

static int set_pid(struct options *o, const char *arg)
{
	const char *bad;
	int err = parse_pids(arg, o->pids, &o->npids, MAX_PIDS, &bad);

	if (!err)
		return 0;
	if (err == -ENOSPC)
		log_error("-p %s: more than %d processes; use -n NAME or -a", arg, MAX_PIDS);
	else
		log_error("-p %s: not a process id%s%s%s; give a number such as -p 1234, or a list "
			  "such as -p 12,34",
			  arg, *bad ? " (at '" : "", bad, *bad ? "')" : "");
	return -1;
}

static int set_name(struct options *o, const char *arg)
{
	if (!*arg || strlen(arg) >= COMM_LEN) {
		log_error("-n %s: a process name has 1 to %d characters (see /proc/PID/comm); "
			  "give the name as the kernel keeps it",
			  arg, COMM_LEN - 1);
		return -1;
	}
	o->name = arg;
	return 0;
}

static int set_all(struct options *o, const char *arg)
{
	(void)arg;
	o->all = true;
	return 0;
}

static int set_list(struct options *o, const char *arg)
{
	(void)arg;
	o->list = true;
	return 0;
}

static int set_broken(struct options *o, const char *arg)
{
	(void)arg;
	o->broken = true;
	return 0;
}

static int set_follow(struct options *o, const char *arg)
{
	(void)arg;
	o->follow = true;
	return 0;
}

static int set_output(struct options *o, const char *arg)
{
	o->output = arg;
	return 0;
}

static int set_replay(struct options *o, const char *arg)
{
	o->replay = arg;
	return 0;
}

static int set_ready_file(struct options *o, const char *arg)
{
	o->ready_file = arg;
	return 0;
}

static int set_columns(struct options *o, const char *arg)
{
	o->columns = arg;
	return 0;
}

static int set_sort(struct options *o, const char *arg)
{
	o->sort = arg;
	return 0;
}

static int set_items(struct options *o, const char *arg)
{
	(void)arg;
	o->items = true;
	return 0;
}

static int set_no_color(struct options *o, const char *arg)
{
	(void)arg;
	o->no_color = true;
	return 0;
}

static int set_verbose(struct options *o, const char *arg)
{
	(void)arg;
	o->verbose = true;
	return 0;
}

static int set_format(struct options *o, const char *arg)
{
	static const char *const names[] = {
		[FORMAT_TEXT] = "text", [FORMAT_CSV] = "csv", [FORMAT_JSON] = "json"
	};
	int f;

	for (f = FORMAT_TEXT; f <= FORMAT_JSON; f++) {
		if (strcmp(arg, names[f]))
			continue;
		o->format = (enum format)f;
		o->format_set = true;
		return 0;
	}
	log_error("--format %s: unknown; choose csv, json or text", arg);
	return -1;
}

static int set_interval(struct options *o, const char *arg)
{
	u64 ns = 0;
	int err = parse_duration(arg, 3600000000000ULL, &ns);

	if (!err && ns < 10000000)
		err = -ERANGE;
	if (err)
		return bad_number("-i", arg, err, "a time from 10ms to 1h, such as 100ms or 2s");
	o->interval_ms = (u32)(ns / 1000000);
	return 0;
}

static int set_count(struct options *o, const char *arg)
{
	int err = parse_u64(arg, 1, 1000000000000ULL, &o->count);

	return err ? bad_number("-c", arg, err, "how many samples, from 1 on") : 0;
}

static int set_duration(struct options *o, const char *arg)
{
	int err = parse_duration(arg, 31536000000000000ULL, &o->duration_ns);

	if (!err && !o->duration_ns)
		err = -ERANGE;
	return err ? bad_number("-d", arg, err, "a time such as 10s, 500ms or 2m") : 0;
}

static int set_ring(struct options *o, const char *arg)
{
	u64 bytes = 0;
	int err = parse_size(arg, 1ULL << 30, &bytes);

	if (!err && (bytes < 4096 || (bytes & (bytes - 1))))
		err = -ERANGE;
	if (err)
		return bad_number("--ring-size", arg, err,
				  "a power of two from 4k to 1G, such as 8M");
	o->ring_kb = (u32)(bytes / 1024);
	return 0;
}

static int set_u32(const char *option, const char *arg, u32 *out)
{
	u64 v = 0;
	int err = parse_u64(arg, 1, 16777216, &v);

	if (err)
		return bad_number(option, arg, err, "a number from 1 to 16777216");
	*out = (u32)v;
	return 0;
}

static int set_max_items(struct options *o, const char *arg)
{
	return set_u32("--max-items", arg, &o->max_items);
}

static int set_max_instances(struct options *o, const char *arg)
{
	return set_u32("--max-instances", arg, &o->max_instances);
}

static int set_max_threads(struct options *o, const char *arg)
{
	return set_u32("--max-threads", arg, &o->max_threads);
}

static int set_max_wakers(struct options *o, const char *arg)
{
	return set_u32("--max-wakers", arg, &o->max_wakers);
}

static int set_max_targets(struct options *o, const char *arg)
{
	return set_u32("--max-targets", arg, &o->max_targets);
}

static int set_tier(struct options *o, const char *arg)
{
	if (strcmp(arg, "basic") && strcmp(arg, "auto")) {
		log_error("--tier %s: unknown; choose auto or basic", arg);
		return -1;
	}
	o->basic = !strcmp(arg, "basic");
	return 0;
}

static bool mech_known(const char *kind)
{
	const struct mechanism *m;
	size_t i, n;

	m = mechanisms(&n);
	for (i = 0; i < n; i++)
		if (!strcmp(m[i].kind, kind))
			return true;
	return !strcmp(kind, "none");
}

/* HOOK=KIND; the argument is cut in two in place. */
static int set_mech(struct options *o, const char *arg)
{
	char *kind = strchr(arg, '=');
	enum hook hook;

	if (!kind || !mech_known(kind + 1)) {
		log_error(
			"--mech %s: give HOOK=MECHANISM with fentry, kprobe, tracepoint or none, such "
			"as wait=kprobe or all=tracepoint; 'epscope check' lists the hooks",
			arg);
		return -1;
	}
	*kind++ = 0;
	hook = hook_by_name(arg);
	if (hook != HOOK_COUNT) {
		o->force[hook] = kind;
	} else if (!strcmp(arg, "all") && strcmp(kind, "none")) {
		o->force_all = kind;
	} else {
		log_error("--mech %s=%s: no hook of that name; 'epscope check' lists them", arg,
			  kind);
		return -1;
	}
	return 0;
}

static int set_events(struct options *o, const char *arg)
{
	char name[32];
	size_t len;
	enum ev_type type;

	o->events = arg;
	if (!*arg) {
		log_error("--events '': no type given; see epscope schema");
		return -1;
	}
	for (; *arg; arg += len + (arg[len] == ',')) {
		len = strcspn(arg, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, arg);
		type = event_by_name(name);
		if (type == EV_COUNT) {
			log_error("--events %s: no event type '%s'; see epscope schema", o->events,
				  name);
			return -1;
		}
		o->event_mask |= 1u << type;
	}
	return 0;
}

static const struct option_row rows[] = {
	{ "pid", 'p', "PID[,PID]", FOR_LIVE, "processes to watch", set_pid },
	{ "name", 'n', "NAME", FOR_LIVE, "every process of that name, also those to come",
	  set_name },
	{ "all", 'a', NULL, FOR_LIVE | FOR(CMD_LAB), "every process; lab: every experiment",
	  set_all },
	{ "list", 0, NULL, FOR(CMD_LAB), "the experiments, a line each", set_list },
	{ "broken", 0, NULL, FOR(CMD_LAB), "a program that does it wrong: the verdict must fail",
	  set_broken },
	{ "follow", 'f', NULL, FOR_LIVE, "their children too (default with -- CMD)", set_follow },
	{ "replay", 'r', "FILE", FOR_ROWS, "read a recording, not the kernel; needs no root",
	  set_replay },
	{ "output", 'o', "FILE", FOR_LIVE | FOR(CMD_LAB), "write there instead of stdout",
	  set_output },
	{ "format", 0, "FORMAT", FOR_ROWS | FOR(CMD_CHECK) | FOR(CMD_LAB),
	  "csv, json (a line per row) or text", set_format },
	{ "columns", 0, "A,B,C", FOR_ROWS, "only these columns, in this order", set_columns },
	{ "sort", 0, "COLUMN", FOR_ROWS, "order of the rows of one sample", set_sort },
	{ "items", 0, NULL, FOR(CMD_STAT), "a row per item too, not only per instance", set_items },
	{ "events", 0, "A,B,C", FOR(CMD_TRACE) | FOR(CMD_RECORD),
	  "only these types: create,ctl,callback,wake,scan,wait,return,deliver,release,destroy,exit",
	  set_events },
	{ "interval", 'i', "TIME", FOR_LIVE, "between samples (dashboard: 100ms, else 1s)",
	  set_interval },
	{ "count", 'c', "N", FOR_LIVE, "end after N samples", set_count },
	{ "duration", 'd', "TIME", FOR_LIVE, "end after that time", set_duration },
	{ "ring-size", 0, "SIZE", FOR_LIVE, "ring buffer for streamed events (4M)", set_ring },
	{ "max-items", 0, "N", FOR_LIVE, "items with counts of their own (65536)", set_max_items },
	{ "max-instances", 0, "N", FOR_LIVE, "instances watched at a time (4096)",
	  set_max_instances },
	{ "max-threads", 0, "N", FOR_LIVE, "threads whose waits are counted (16384)",
	  set_max_threads },
	{ "max-wakers", 0, "N", FOR_LIVE, "pairs of waker and woken thread (8192)",
	  set_max_wakers },
	{ "max-targets", 0, "N", FOR_LIVE, "processes watched at a time (16384)", set_max_targets },
	{ "tier", 0, "TIER", FOR_LIVE | FOR(CMD_CHECK) | FOR(CMD_LAB),
	  "auto, or basic: tracepoints and iterators alone", set_tier },
	{ "mech", 0, "HOOK=MECH", FOR_LIVE | FOR(CMD_CHECK) | FOR(CMD_LAB),
	  "force a mechanism: fentry, kprobe, tracepoint, none; HOOK may be all", set_mech },
	{ "ready-file", 0, "FILE", FOR_LIVE, "made once everything is attached", set_ready_file },
	{ "no-color", 0, NULL, FOR_ALL, "no colours (also: environment NO_COLOR)", set_no_color },
	{ "verbose", 'v', NULL, FOR_ALL, "what libbpf and the kernel say, on stderr", set_verbose },
};

const struct option_row *option_rows(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
