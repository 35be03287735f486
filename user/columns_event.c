/* SPDX-License-Identifier: GPL-2.0 */
/* ROW_EVENT: the rows of `trace`. Each type of event uses some of the columns, see struct ev. */
#include "columns_priv.h"

#define BIT(type) (1u << (type))

static const struct ev *ev_of(const struct row *row)
{
	return row->obj;
}

/* Whether the event is of one of these types; else the value is unknown. */
static bool is_one_of(const struct row *row, u32 types, struct value *out)
{
	if (ev_of(row)->type <= EV_META && types & BIT(ev_of(row)->type))
		return true;
	set_unknown(out);
	return false;
}

GET(ts_ns)
{
	set_uint(out, ev_of(row)->ts);
}

GET(type)
{
	set_name(out, event_name(ev_of(row)->type));
}

/* An event may be shown just before the model folds it, and its instance with it. */
GET(instance)
{
	if (row->inst)
		set_uint(out, row->inst->num);
	else if (ev_of(row)->id && ev_of(row)->type < EV_RELEASE)
		set_uint(out, row->model->next_num);
	else
		set_unknown(out);
}

GET(epfd)
{
	const struct ev *ev = ev_of(row);

	if (ev->type == EV_CREATE)
		set_fd(out, ev->result);
	else
		set_fd(out, ev->epfd < 0 && row->inst ? row->inst->now.epfd : ev->epfd);
}

static bool has_thread(const struct row *row, struct value *out)
{
	return is_one_of(row, ~(BIT(EV_LOST) | BIT(EV_META)), out);
}

GET(tgid)
{
	if (has_thread(row, out))
		set_uint(out, ev_of(row)->tgid);
}

GET(tid)
{
	if (has_thread(row, out))
		set_uint(out, ev_of(row)->tid);
}

GET(comm)
{
	if (has_thread(row, out))
		set_text(out, ev_of(row)->comm, COMM_LEN);
}

GET(cpu)
{
	if (has_thread(row, out))
		set_uint(out, ev_of(row)->cpu);
}

GET(context)
{
	if (has_thread(row, out))
		set_name(out, context_name(ev_of(row)->ctx));
}

#define ITEM_EVENTS (BIT(EV_CTL) | BIT(EV_CALLBACK) | BIT(EV_DELIVER) | BIT(EV_RELEASE))
#define MASK_EVENTS (BIT(EV_CTL) | BIT(EV_CALLBACK) | BIT(EV_DELIVER) | BIT(EV_CREATE))

GET(fd)
{
	if (is_one_of(row, ITEM_EVENTS, out))
		set_fd(out, ev_of(row)->fd);
}

static const struct rec_fd *desc_of(const struct row *row, struct value *out)
{
	const struct rec_fd *desc = NULL;

	if (row->inst && is_one_of(row, ITEM_EVENTS, out))
		desc = model_fd(row->inst, ev_of(row)->fd);
	if (!desc)
		set_unknown(out);
	return desc;
}

GET(fd_type)
{
	const struct rec_fd *desc = desc_of(row, out);

	if (desc)
		set_text(out, desc->type, sizeof(desc->type));
}

GET(fd_detail)
{
	const struct rec_fd *desc = desc_of(row, out);

	if (desc)
		set_text(out, desc->detail, sizeof(desc->detail));
}

/* EPOLL_CTL_DEL has no mask: the kernel does not even read the user's struct. */
static bool has_mask(const struct row *row, struct value *out)
{
	if (ev_of(row)->type != EV_CTL || ev_of(row)->op != 2)
		return is_one_of(row, MASK_EVENTS, out);
	set_unknown(out);
	return false;
}

GET(mask)
{
	if (!has_mask(row, out))
		return;
	if (ev_of(row)->type == EV_CREATE)
		set_name(out, ev_of(row)->mask & 02000000 ? "CLOEXEC" : "0");
	else
		set_mask(out, ev_of(row)->mask);
}

GET(mask_bits)
{
	if (has_mask(row, out))
		set_hex(out, ev_of(row)->mask);
}

GET(data)
{
	if (is_one_of(row, MASK_EVENTS & ~BIT(EV_CREATE), out) && has_mask(row, out))
		set_hex(out, ev_of(row)->data);
}

GET(op)
{
	if (!is_one_of(row, BIT(EV_CTL) | BIT(EV_CALLBACK), out))
		return;
	set_name(out, ev_of(row)->type == EV_CTL ? ctl_op_name(ev_of(row)->op)
						 : cb_outcome_name(ev_of(row)->op));
}

#define RESULT_EVENTS (BIT(EV_CREATE) | BIT(EV_CTL) | BIT(EV_RETURN))

GET(result)
{
	if (is_one_of(row, RESULT_EVENTS, out))
		set_int(out, ev_of(row)->result);
}

GET(error)
{
	char buf[16];

	if (!is_one_of(row, RESULT_EVENTS, out))
		return;
	if (ev_of(row)->result < 0)
		set_name(out, errno_text(ev_of(row)->result, buf, sizeof(buf)));
	else
		set_unknown(out);
}

GET(maxevents)
{
	if (is_one_of(row, BIT(EV_WAIT) | BIT(EV_RETURN), out))
		set_uint(out, ev_of(row)->op);
}

GET(timeout_ns)
{
	if (!is_one_of(row, BIT(EV_WAIT), out))
		return;
	if (ev_of(row)->dur_ns < 0)
		set_int(out, -1);
	else
		set_ns(out, (u64)ev_of(row)->dur_ns);
}

GET(inside_ns)
{
	if (!is_one_of(row, BIT(EV_RETURN), out))
		return;
	if (ev_of(row)->dur_ns > 0) /* 0: the wait began before we looked */
		set_ns(out, (u64)ev_of(row)->dur_ns);
	else
		set_unknown(out);
}

GET(ready_ns)
{
	if (!is_one_of(row, BIT(EV_DELIVER), out))
		return;
	if (ev_of(row)->dur_ns > 0)
		set_ns(out, (u64)ev_of(row)->dur_ns);
	else
		set_unknown(out);
}

GET(index)
{
	if (is_one_of(row, BIT(EV_DELIVER), out))
		set_uint(out, ev_of(row)->op);
}

GET(woken_tid)
{
	if (is_one_of(row, BIT(EV_WAKE), out))
		set_uint(out, ev_of(row)->peer);
}

GET(wakes)
{
	if (is_one_of(row, BIT(EV_RETURN), out))
		set_uint(out, ev_of(row)->peer);
}

GET(put_back)
{
	if (is_one_of(row, BIT(EV_SCAN), out))
		set_int(out, ev_of(row)->result);
}

GET(left_over)
{
	if (is_one_of(row, BIT(EV_SCAN), out))
		set_uint(out, ev_of(row)->op);
}

GET(overflowed)
{
	if (is_one_of(row, BIT(EV_SCAN), out))
		set_uint(out, ev_of(row)->peer);
}

GET(ep)
{
	if (ev_of(row)->ep)
		set_hex(out, ev_of(row)->ep);
	else
		set_unknown(out);
}

GET(lost)
{
	if (is_one_of(row, BIT(EV_LOST), out))
		set_uint(out, ev_of(row)->data);
}

GET(where)
{
	if (is_one_of(row, BIT(EV_LOST), out))
		set_name(out, loss_name(ev_of(row)->op));
}

GET(wall_offset_ns)
{
	const struct rec_meta *meta = &row->model->meta;

	if (is_one_of(row, BIT(EV_META), out))
		set_int(out, (s64)(meta->wall_ns - meta->mono_ns));
}

GET(tiers)
{
	if (!is_one_of(row, BIT(EV_META), out))
		return;
	out->kind = VAL_TEXT;
	tiers_text(row->model, out->text, sizeof(out->text));
}

const struct column columns_event[] = {
	COL(ts_ns, "TIME", "ns", 0, ALWAYS, "CLOCK_MONOTONIC; see wall_offset_ns."),
	COL_TEXT(type, "EVENT", 8, ALWAYS, "Type of the row, see the table of events."),
	COL(instance, "#", "", 3, ALWAYS, "Number of the instance in the order of appearance."),
	COL(epfd, "EPFD", "", 4, ALWAYS, "Descriptor of the instance."),
	COL(tgid, "PID", "", 7, ALWAYS,
	    "Process of the thread that ran; in an interrupt the one interrupted, see context."),
	COL(tid, "TID", "", 7, ALWAYS, "That thread."),
	COL_TEXT(comm, "COMMAND", 15, ALWAYS, "Its name."),
	COL(cpu, "CPU", "", 3, ALWAYS, "Processor it ran on."),
	COL_TEXT(context, "CONTEXT", 7, ALWAYS, "What ran: task, softirq or hardirq."),
	COL(fd, "FD", "", 5, ALWAYS, "ctl, callback, deliver, release: descriptor of the item."),
	COL_TEXT(fd_type, "TYPE", 0, ALWAYS, "Kind of that file, where it is known."),
	COL_TEXT(fd_detail, "WHAT", 0, ALWAYS, "Its addresses, path or inode."),
	COL_TEXT(op, "OP", 8, ALWAYS,
		 "ctl: ADD, MOD or DEL; callback: ready, already, overflow or ignored."),
	COL_TEXT(
		mask, "MASK", 14, ALWAYS,
		"ctl: events as registered; callback: poll key (0: any event); deliver: revents; create: flags."),
	COL(mask_bits, "MASK#", "mask", 0, ALWAYS, "The same as a number."),
	COL(data, "DATA", "", 0, ALWAYS, "ctl, callback, deliver: user data of the item."),
	COL(result, "RESULT", "", 6, ALWAYS,
	    "create: epfd; ctl: 0; return: number of events; negative errno on failure."),
	COL_TEXT(error, "ERROR", 8, ALWAYS, "Name of that errno."),
	COL(maxevents, "MAX", "", 0, ALWAYS, "wait, return: room in the user's array."),
	COL(timeout_ns, "TIMEOUT", "ns", 0, ALWAYS, "wait: timeout, -1 for ever."),
	COL(inside_ns, "INSIDE", "ns", 7, ALWAYS,
	    "return: time from entry to return; unknown if the wait began before we looked."),
	COL(ready_ns, "READY", "ns", 7, ALWAYS, "deliver: time since the callback that linked it."),
	COL(index, "INDEX", "", 0, ALWAYS, "deliver: position in the user's array, from 0."),
	COL(woken_tid, "WOKEN", "", 7, ALWAYS, "wake: thread that was woken."),
	COL(wakes, "WAKES", "", 0, ALWAYS, "return: wakeups during the wait."),
	COL(put_back, "PUTBK", "", 0, ALWAYS, "scan: LT items linked to rdllist again."),
	COL(left_over, "LEFT", "", 0, ALWAYS, "scan: items left, since the user's array was full."),
	COL(overflowed, "OVFL", "", 0, ALWAYS, "scan: items found on ovflist at its end."),
	COL(ep, "EVENTPOLL", "", 0, ALWAYS, "Address of the struct eventpoll."),
	COL(lost, "LOST", "", 0, ALWAYS, "lost: how much since the row before of that kind."),
	COL_TEXT(where, "WHERE", 0, ALWAYS, "lost: where, see the table of losses."),
	COL(wall_offset_ns, "WALL", "ns", 0, ALWAYS,
	    "meta: add this to any time to get nanoseconds since 1970 (CLOCK_REALTIME)."),
	COL_TEXT(tiers, "TIERS", 0, ALWAYS,
		 "meta: full, or the hooks whose figures are basic or none on this kernel."),
};
const size_t columns_event_count = sizeof(columns_event) / sizeof(columns_event[0]);
