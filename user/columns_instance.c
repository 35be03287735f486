/* SPDX-License-Identifier: GPL-2.0 */
/* ROW_INSTANCE: the overview, and the rows of `stat`. */
#include <stdio.h>
#include "columns_priv.h"

GET(instance)
{
	set_uint(out, row->inst->num);
}

GET(comm)
{
	const struct m_instance *inst = row->inst;

	set_text(out, inst->nowners ? inst->owners[0].comm : inst->now.comm, COMM_LEN);
}

GET(tgid)
{
	const struct m_instance *inst = row->inst;

	set_uint(out, inst->nowners ? inst->owners[0].tgid : inst->now.tgid);
}

GET(epfd)
{
	const struct m_instance *inst = row->inst;

	set_fd(out, inst->nowners ? inst->owners[0].fd : inst->now.epfd);
}

/* Told by a look through the descriptors, which a young instance may not have seen. */
GET(owners)
{
	if (row->inst->nowners)
		set_uint(out, row->inst->nowners);
	else
		set_unknown(out);
}

GET(ep)
{
	set_hex(out, row->inst->now.ep);
}

GET(born_ns)
{
	const struct ep_instance *now = &row->inst->now;

	if (row->inst->uncounted || now->flags & EPI_SEEN_LATE)
		set_unknown(out);
	else
		set_uint(out, now->born_ns);
}

GET(died_ns)
{
	if (row->inst->now.died_ns)
		set_uint(out, row->inst->now.died_ns);
	else
		set_unknown(out);
}

/* Its own losses, and those that cannot be told apart by instance. */
GET(inexact)
{
	size_t len = 0;

	set_name(out, "");
	for (u32 i = 0; i < LOSS_COUNT; i++) {
		const char *name = loss_name(i);

		if (!model_lost_there(row->model, row->inst, i))
			continue;
		if (len + strlen(name) + sizeof(",...") > sizeof(out->text))
			name = "...";
		len += (size_t)snprintf(out->text + len, sizeof(out->text) - len, "%s%s",
					len ? "," : "", name);
		if (*name == '.')
			break;
	}
}

GET(interval_ns)
{
	set_uint(out, total_diff(row->inst->now_ts, row->inst->prev_ts));
}

GET(items)
{
	set_int(out, row->inst->items_now);
}

GET(depth)
{
	const struct m_tree *tree = &row->inst->tree;

	set_int(out, tree_exact(tree) ? (s64)tree->depth : UNKNOWN_S64);
}

GET(black_height)
{
	const struct m_tree *tree = &row->inst->tree;

	set_int(out, tree_exact(tree) ? (s64)tree->black_height : UNKNOWN_S64);
}

GET(ready)
{
	set_int(out, row->inst->ready_now);
}

/* Counted by scans and by snapshots of the list; either will do. */
GET(ready_peak)
{
	if (row->inst->uncounted || (model_tier(row->model, HOOK_SEND) != TIER_FULL &&
				     model_tier(row->model, HOOK_SNAPSHOT) != TIER_FULL))
		set_unknown(out);
	else
		set_uint(out, row->inst->now.st.ready_peak);
}

GET(overflow)
{
	set_int(out, row->inst->overflow_now);
}

GET(waiters)
{
	set_int(out, row->inst->waiters_now);
}

GET(in_wait)
{
	if (row->inst->uncounted)
		set_unknown(out);
	else
		set_uint(out, row->inst->now.st.in_wait);
}

/* What happened in the interval. */
static void set_count(const struct row *row, u64 now, u64 prev, struct value *out)
{
	if (row->inst->uncounted)
		set_unknown(out);
	else
		set_uint(out, total_diff(now, prev));
}

/* Only a hook on the scan itself sees these; HOOK_SEND in the basic tier derives put_back alone. */
static void set_scan_count(const struct row *row, u64 now, u64 prev, struct value *out)
{
	if (model_tier(row->model, HOOK_SEND) != TIER_FULL)
		set_unknown(out);
	else
		set_count(row, now, prev, out);
}

static void set_count_rate(const struct row *row, u64 now, u64 prev, struct value *out)
{
	if (row->inst->uncounted)
		set_unknown(out);
	else
		set_rate(out, now, prev, row->inst->now_ts, row->inst->prev_ts);
}

/* Percentile of the values of the interval; unknown if there were none. */
static void set_percentile(const struct row *row, const u64 *now, const u64 *prev, double share,
			   u64 max, struct value *out)
{
	u64 diff[HIST_SLOTS];

	hist_diff(now, prev, diff);
	if (row->inst->uncounted || !hist_sum(diff))
		set_unknown(out);
	else
		set_ns(out, hist_percentile(diff, share, max));
}

/* The largest value since the start; unknown if there were none. */
static void set_max(const struct row *row, const u64 *slots, u64 max, struct value *out)
{
	if (row->inst->uncounted || !hist_sum(slots))
		set_unknown(out);
	else
		set_ns(out, max);
}

#define GET_WITH(setter, suffix, field)                                              \
	GET(field##suffix)                                                           \
	{                                                                            \
		setter(row, row->inst->now.st.field, row->inst->prev.st.field, out); \
	}
#define GET_COUNT(field) GET_WITH(set_count, , field)
#define GET_SCAN(field)  GET_WITH(set_scan_count, , field)
#define GET_RATE(field)  GET_WITH(set_count_rate, _rate, field)
#define GET_HIST(name)                                                                             \
	GET(name##_p50)                                                                            \
	{                                                                                          \
		set_percentile(row, row->inst->now.st.hist_##name, row->inst->prev.st.hist_##name, \
			       0.5, row->inst->now.st.max_##name, out);                            \
	}                                                                                          \
	GET(name##_p99)                                                                            \
	{                                                                                          \
		set_percentile(row, row->inst->now.st.hist_##name, row->inst->prev.st.hist_##name, \
			       0.99, row->inst->now.st.max_##name, out);                           \
	}                                                                                          \
	GET(name##_max)                                                                            \
	{                                                                                          \
		set_max(row, row->inst->now.st.hist_##name, row->inst->now.st.max_##name, out);    \
	}

GET_COUNT(waits)
GET_COUNT(ret_events)
GET_COUNT(ret_timeout)
GET_COUNT(ret_signal)
GET_COUNT(ret_error)
GET_COUNT(ret_full)
GET_COUNT(delivered)
GET_COUNT(callbacks)
GET_COUNT(cb_ready)
GET_COUNT(cb_already)
GET_COUNT(cb_overflow)
GET_COUNT(cb_ignored)
GET_COUNT(woken)
GET_COUNT(wasted)
GET_SCAN(scans)
GET_COUNT(put_back)
GET_SCAN(left_over)
GET_SCAN(overflowed)
GET_COUNT(adds)
GET_COUNT(mods)
GET_COUNT(dels)
GET_COUNT(ctl_errors)
GET_COUNT(released)
GET_RATE(waits)
GET_RATE(callbacks)
GET_RATE(delivered)
GET_RATE(woken)
GET_RATE(wasted)
GET_RATE(put_back)
GET_HIST(ready)
GET_HIST(handler)
GET_HIST(blocked)
GET_HIST(sched)
GET_HIST(return )
GET_HIST(batch)

/* Events per return are no times. */
GET(events_p50)
{
	get_batch_p50(row, out);
	if (out->kind == VAL_NS)
		out->kind = VAL_UINT;
}

GET(events_p99)
{
	get_batch_p99(row, out);
	if (out->kind == VAL_NS)
		out->kind = VAL_UINT;
}

GET(events_max)
{
	get_batch_max(row, out);
	if (out->kind == VAL_NS)
		out->kind = VAL_UINT;
}

#define COUNT(n, t, h, text) COL(n, t, "", 0, h, text)
#define RATE(n, t, h, text)  COL(n##_rate, t, "1/s", 7, h, text)
#define NS(n, get_n, t, w, h, text)                                                        \
	{                                                                                  \
		.name = #n, .title = t, .unit = "ns", .width = w, .hook = h, .help = text, \
		.descending = true, .get = get_##get_n                                     \
	}

const struct column columns_instance[] = {
	{ .name = "instance",
	  .title = "#",
	  .unit = "",
	  .width = 3,
	  .hook = ALWAYS,
	  .help = "Number of the instance (struct eventpoll) in the order of appearance.",
	  .get = get_instance },
	COL_TEXT(comm, "COMMAND", 15, ALWAYS,
		 "Name of the process that owns it, the creator if that still does."),
	{ .name = "tgid",
	  .title = "PID",
	  .unit = "",
	  .width = 7,
	  .hook = ALWAYS,
	  .help = "Process id of that owner.",
	  .get = get_tgid },
	{ .name = "epfd",
	  .title = "EPFD",
	  .unit = "",
	  .width = 4,
	  .hook = ALWAYS,
	  .help = "Descriptor of the instance in that process.",
	  .get = get_epfd },
	COL(owners, "OWN", "", 0, HOOK_SNAPSHOT,
	    "Descriptors of the instance in all watched processes (dup, fork, SCM_RIGHTS); unknown "
	    "until these were looked through."),
	COL(ep, "EVENTPOLL", "", 0, ALWAYS,
	    "Address of the struct eventpoll; the kernel reuses it."),
	COL(born_ns, "BORN", "ns", 0, ALWAYS,
	    "Time of its creation; unknown if it existed before it was first seen."),
	COL(died_ns, "DIED", "ns", 0, ALWAYS, "Time of its end (ep_eventpoll_release)."),
	COL_TEXT(
		inexact, "INEXACT", 0, ALWAYS,
		"Places where data of this instance was lost, see the table of losses: figures that "
		"depend on these are lower bounds. Empty: exact."),
	COL(interval_ns, "INTERVAL", "ns", 0, ALWAYS,
	    "Length of the interval in which the counts of this row happened."),
	COL(items, "ITEMS", "", 6, ALWAYS,
	    "Registered descriptors: nodes of the tree ep->rbr (as lines tfd: in fdinfo)."),
	COL(depth, "DEPTH", "", 5, HOOK_SNAPSHOT, "Nodes on the longest path of that tree."),
	COL(black_height, "BLACK", "", 0, HOOK_SNAPSHOT,
	    "Black nodes on every path of that tree, the root included."),
	COL(ready, "READY", "", 5, HOOK_SNAPSHOT,
	    "Items on ep->rdllist at the last snapshot: may be ready, since LT items are put back."),
	COL(ready_peak, "PEAK", "", 5, ALWAYS,
	    "Most items that one scan or snapshot has found ready since the start."),
	COL(overflow, "OVFL", "", 4, HOOK_SNAPSHOT,
	    "Items on ep->ovflist at the last snapshot: became ready while a scan was running."),
	COL(waiters, "WAITERS", "", 7, HOOK_SNAPSHOT, "Threads on ep->wq at the last snapshot."),
	COL(in_wait, "INWAIT", "", 0, HOOK_WAIT,
	    "Threads inside an epoll wait, by entry and return."),
	RATE(waits, "WAIT/s", HOOK_WAIT, "waits per second"),
	RATE(callbacks, "CB/s", HOOK_CALLBACK, "callbacks per second"),
	RATE(delivered, "DELIV/s", HOOK_WAIT, "delivered per second"),
	RATE(woken, "WOKEN/s", HOOK_WAKE, "woken per second"),
	RATE(wasted, "WASTE/s", HOOK_WAKE, "wasted per second"),
	RATE(put_back, "PUTBK/s", HOOK_SEND, "put_back per second"),
	NS(ready_p50_ns, ready_p50, "RDY50", 6, HOOK_CALLBACK,
	   "Median time from the first callback that linked an item to the return that delivered it."),
	NS(ready_p99_ns, ready_p99, "RDY99", 6, HOOK_CALLBACK, "The same, 99th percentile."),
	NS(ready_max_ns, ready_max, "RDYMAX", 0, HOOK_CALLBACK,
	   "The same, maximum since the start."),
	NS(handler_p50_ns, handler_p50, "HND50", 6, HOOK_WAIT,
	   "Median time from a return to the same thread's next wait: what the program did."),
	NS(handler_p99_ns, handler_p99, "HND99", 6, HOOK_WAIT, "The same, 99th percentile."),
	NS(handler_max_ns, handler_max, "HNDMAX", 0, HOOK_WAIT,
	   "The same, maximum since the start."),
	NS(blocked_p50_ns, blocked_p50, "BLK50", 0, HOOK_WAIT,
	   "Median time inside a wait, from entry to return."),
	NS(blocked_p99_ns, blocked_p99, "BLK99", 0, HOOK_WAIT, "The same, 99th percentile."),
	NS(blocked_max_ns, blocked_max, "BLKMAX", 0, HOOK_WAIT,
	   "The same, maximum since the start."),
	NS(sched_p50_ns, sched_p50, "RUNQ50", 0, HOOK_WAKE,
	   "Median run queue delay of a wait that was woken: woken to running."),
	NS(sched_p99_ns, sched_p99, "RUNQ99", 0, HOOK_WAKE, "The same, 99th percentile."),
	NS(sched_max_ns, sched_max, "RUNQMAX", 0, HOOK_WAKE, "The same, maximum since the start."),
	NS(return_p50_ns, return_p50, "RET50", 0, HOOK_WAKE,
	   "Median time from running again to the return of the wait."),
	NS(return_p99_ns, return_p99, "RET99", 0, HOOK_WAKE, "The same, 99th percentile."),
	NS(return_max_ns, return_max, "RETMAX", 0, HOOK_WAKE, "The same, maximum since the start."),
	COL(events_p50, "EV50", "", 0, HOOK_WAIT, "Median number of events per return above 0."),
	COL(events_p99, "EV99", "", 0, HOOK_WAIT, "The same, 99th percentile."),
	COL(events_max, "EVMAX", "", 0, HOOK_WAIT, "The same, maximum since the start."),
	COUNT(waits, "WAITS", HOOK_WAIT,
	      "Calls of epoll_wait, epoll_pwait, epoll_pwait2 in the interval."),
	COUNT(ret_events, "EVENTS", HOOK_WAIT, "Returns with events in the interval."),
	COUNT(ret_timeout, "TIMEOUT", HOOK_WAIT, "Returns with 0 in the interval."),
	COUNT(ret_signal, "SIGNAL", HOOK_WAIT, "Returns with EINTR in the interval."),
	COUNT(ret_error, "ERROR", HOOK_WAIT, "Returns with other errors in the interval."),
	COUNT(ret_full, "FULL", HOOK_WAIT,
	      "Returns that filled the user's array (n == maxevents) in the interval."),
	COUNT(delivered, "DELIV", HOOK_WAIT, "Events copied to user space in the interval."),
	COUNT(callbacks, "CB", HOOK_CALLBACK, "Calls of ep_poll_callback in the interval."),
	COUNT(cb_ready, "CBREADY", HOOK_CALLBACK, "Callbacks that linked the item to rdllist."),
	COUNT(cb_already, "CBALRDY", HOOK_CALLBACK,
	      "Callbacks of an item that was linked already."),
	COUNT(cb_overflow, "CBOVFL", HOOK_CALLBACK,
	      "Callbacks that went to ovflist, since a scan was running."),
	COUNT(cb_ignored, "CBIGN", HOOK_CALLBACK,
	      "Callbacks without interest in the event, or disabled by EPOLLONESHOT."),
	COUNT(woken, "WOKEN", HOOK_WAKE,
	      "Waiters woken (ep_autoremove_wake_function) in the interval."),
	COUNT(wasted, "WASTED", HOOK_WAKE, "Of these: slept again or returned with nothing."),
	COUNT(scans, "SCANS", HOOK_SEND,
	      "Scans of the ready list (ep_send_events) in the interval."),
	COUNT(put_back, "PUTBK", HOOK_SEND, "LT items linked to rdllist again after delivery."),
	COUNT(left_over, "LEFT", HOOK_SEND,
	      "Items that scans left, since the user's array was full."),
	COUNT(overflowed, "OVFLD", HOOK_SEND, "Items found on ovflist at the end of scans."),
	COUNT(adds, "ADDS", HOOK_CTL, "Successful EPOLL_CTL_ADD in the interval (ep_insert)."),
	COUNT(mods, "MODS", HOOK_CTL, "Successful EPOLL_CTL_MOD in the interval (ep_modify)."),
	COUNT(dels, "DELS", HOOK_CTL, "Successful EPOLL_CTL_DEL in the interval (ep_remove)."),
	COUNT(ctl_errors, "CTLERR", HOOK_CTL, "Failed epoll_ctl in the interval."),
	COUNT(released, "RELEASED", HOOK_RELEASE,
	      "Items removed since their file was closed (eventpoll_release_file)."),
};
const size_t columns_instance_count = sizeof(columns_instance) / sizeof(columns_instance[0]);
