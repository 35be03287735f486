/* SPDX-License-Identifier: GPL-2.0 */
/* ROW_THREAD and ROW_WAKER. */
#include "columns_priv.h"

static const struct m_thread *thread_of(const struct row *row)
{
	return row->obj;
}

static const struct m_waker *waker_of(const struct row *row)
{
	return row->obj;
}

/* Over the last interval of the model; the first one begins with the recording. */
static void set_model_rate(const struct row *row, u64 now, u64 prev, struct value *out)
{
	const struct model *m = row->model;

	set_rate(out, now, prev, m->ts, m->prev_ts ? m->prev_ts : m->meta.mono_ns);
}

static void set_instance(const struct row *row, u64 id, struct value *out)
{
	const struct m_instance *inst = id ? model_instance_by_id(row->model, id) : NULL;

	set_int(out, inst ? (s64)inst->num : UNKNOWN_S64);
}

GET(tid)
{
	set_uint(out, thread_of(row)->tid);
}

GET(tgid)
{
	set_uint(out, thread_of(row)->now.tgid);
}

GET(comm)
{
	set_text(out, thread_of(row)->now.comm, COMM_LEN);
}

GET(state)
{
	const struct m_thread *t = thread_of(row);

	set_name(out, t->gone ? "gone" : t->now.ep ? "waiting" : "running");
}

GET(instance)
{
	const struct thread_state *now = &thread_of(row)->now;

	set_instance(row, now->ep ? now->id : now->last_id, out);
}

GET(wait_ns)
{
	const struct m_thread *t = thread_of(row);

	if (!t->gone && t->now.ep && t->now.enter_ns)
		set_ns(out, total_diff(row->model->ts, t->now.enter_ns));
	else
		set_unknown(out);
}

#define TOTAL_AND_RATE(field)                                                                    \
	GET(field)                                                                               \
	{                                                                                        \
		set_uint(out, thread_of(row)->now.field);                                        \
	}                                                                                        \
	GET(field##_rate)                                                                        \
	{                                                                                        \
		set_model_rate(row, thread_of(row)->now.field, thread_of(row)->prev.field, out); \
	}

TOTAL_AND_RATE(waits)
TOTAL_AND_RATE(delivered)
TOTAL_AND_RATE(woken)
TOTAL_AND_RATE(wasted)

const struct column columns_thread[] = {
	COL(tid, "TID", "", 7, ALWAYS, "Thread that has waited on an instance."),
	COL(tgid, "PID", "", 7, ALWAYS, "Its process."),
	COL_TEXT(comm, "COMMAND", 15, ALWAYS, "Its name."),
	COL_TEXT(state, "STATE", 7, ALWAYS, "waiting (inside an epoll wait), running, or gone."),
	COL(instance, "#", "", 3, ALWAYS, "Instance it waits on, or waited on last."),
	COL(wait_ns, "INSIDE", "ns", 7, HOOK_WAIT, "Time since the running wait began."),
	COL(waits, "WAITS", "", 8, HOOK_WAIT, "Waits since the start."),
	COL(waits_rate, "WAIT/s", "1/s", 7, HOOK_WAIT, "waits per second"),
	COL(delivered, "DELIV", "", 8, HOOK_WAIT, "Events delivered to it since the start."),
	COL(delivered_rate, "DELIV/s", "1/s", 7, HOOK_WAIT, "delivered per second"),
	COL(woken, "WOKEN", "", 8, HOOK_WAKE, "Times it was woken since the start."),
	COL(woken_rate, "WOKEN/s", "1/s", 7, HOOK_WAKE, "woken per second"),
	COL(wasted, "WASTED", "", 8, HOOK_WAKE, "Of these: for nothing."),
	COL(wasted_rate, "WASTE/s", "1/s", 7, HOOK_WAKE, "wasted per second"),
};
const size_t columns_thread_count = sizeof(columns_thread) / sizeof(columns_thread[0]);

GET(w_instance)
{
	set_instance(row, waker_of(row)->key.id, out);
}

GET(w_context)
{
	set_name(out, context_name(waker_of(row)->key.ctx));
}

/* An interrupt has no thread of its own. */
GET(w_tid)
{
	u32 tid = waker_of(row)->key.waker_tid;

	set_int(out, tid ? (s64)tid : UNKNOWN_S64);
}

GET(w_tgid)
{
	u32 tgid = waker_of(row)->now.waker_tgid;

	set_int(out, waker_of(row)->key.waker_tid ? (s64)tgid : UNKNOWN_S64);
}

GET(w_comm)
{
	if (waker_of(row)->key.waker_tid)
		set_text(out, waker_of(row)->now.comm, COMM_LEN);
	else
		set_unknown(out);
}

GET(w_woken_tid)
{
	set_uint(out, waker_of(row)->key.woken_tid);
}

GET(w_woken_comm)
{
	const struct m_thread *t = model_thread(row->model, waker_of(row)->key.woken_tid);

	if (t)
		set_text(out, t->now.comm, COMM_LEN);
	else
		set_unknown(out);
}

GET(w_state)
{
	set_name(out, waker_of(row)->gone ? "gone" : "alive");
}

GET(w_count)
{
	set_uint(out, waker_of(row)->now.count);
}

GET(w_rate)
{
	set_model_rate(row, waker_of(row)->now.count, waker_of(row)->prev.count, out);
}

GET(w_ago_ns)
{
	set_ns(out, total_diff(row->model->ts, waker_of(row)->now.last_ns));
}

#define WAKER(n, get_n, t, w, is_text, u, text)                                               \
	{                                                                                     \
		.name = n, .title = t, .unit = u, .width = w, .left = is_text,                \
		.descending = !is_text, .hook = HOOK_WAKE, .help = text, .get = get_w_##get_n \
	}

const struct column columns_waker[] = {
	WAKER("instance", instance, "#", 3, false, "", "Instance whose waiter was woken."),
	WAKER("context", context, "CONTEXT", 7, true, "",
	      "What woke it: task, softirq or hardirq."),
	WAKER("waker_tid", tid, "WAKER", 7, false, "",
	      "Thread that woke; in softirq the one it ran on, maybe a bystander."),
	WAKER("waker_tgid", tgid, "PID", 7, false, "", "Its process."),
	WAKER("waker_comm", comm, "COMMAND", 15, true, "", "Its name."),
	WAKER("woken_tid", woken_tid, "WOKEN", 7, false, "", "Thread that was woken."),
	WAKER("woken_comm", woken_comm, "COMMAND", 15, true, "", "Its name."),
	WAKER("count", count, "COUNT", 9, false, "", "Wakeups since the start."),
	WAKER("rate", rate, "WAKE/s", 7, false, "1/s", "Wakeups per second."),
	WAKER("state", state, "STATE", 5, true, "", "alive; gone: one of the two threads ended."),
	WAKER("ago_ns", ago_ns, "AGO", 7, false, "ns", "Time since the last one."),
};
const size_t columns_waker_count = sizeof(columns_waker) / sizeof(columns_waker[0]);
