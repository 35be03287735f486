/* SPDX-License-Identifier: GPL-2.0 */
/* ROW_ITEM: registered descriptors, and the nodes of the tree. */
#include "columns_priv.h"

static const struct m_item *item_of(const struct row *row)
{
	return row->obj;
}

GET(fd)
{
	set_fd(out, item_of(row)->key.fd);
}

GET(type)
{
	if (item_of(row)->desc)
		set_text(out, item_of(row)->desc->type, sizeof(item_of(row)->desc->type));
	else
		set_unknown(out);
}

GET(detail)
{
	if (item_of(row)->desc)
		set_text(out, item_of(row)->desc->detail, sizeof(item_of(row)->desc->detail));
	else
		set_unknown(out);
}

GET(mask)
{
	set_mask(out, item_of(row)->events);
}

GET(mask_bits)
{
	set_hex(out, item_of(row)->events);
}

GET(data)
{
	set_hex(out, item_of(row)->data);
}

GET(ready_pos)
{
	const struct m_tree *tree = &row->inst->tree;

	if (item_of(row)->in_tree && item_of(row)->ready_pos != READY_POS_UNKNOWN &&
	    ready_known(tree) && model_tier(row->model, HOOK_SNAPSHOT) == TIER_FULL)
		set_uint(out, item_of(row)->ready_pos);
	else
		set_unknown(out);
}

/* Where the node is: nothing to say of items that no snapshot has seen, or not from the root. */
static void set_node(const struct row *row, s64 i, struct value *out)
{
	set_int(out, item_of(row)->depth ? i : UNKNOWN_S64);
}

/* Neighbours: -1 is none. */
static void set_link(const struct row *row, s32 i, struct value *out)
{
	set_node(row, i < 0 ? UNKNOWN_S64 : i, out);
}

GET(node)
{
	set_node(row, item_of(row) - row->inst->items, out);
}

GET(depth)
{
	set_node(row, item_of(row)->depth, out);
}

GET(snapshot)
{
	const struct m_item *item = item_of(row);

	if (!item->in_tree)
		set_unknown(out);
	else
		set_name(out, tree_exact(&row->inst->tree) ? "exact" : "torn");
}

GET(snapshot_ns)
{
	if (item_of(row)->in_tree)
		set_uint(out, row->inst->tree.ts);
	else
		set_unknown(out);
}

GET(color)
{
	if (item_of(row)->depth)
		set_name(out, item_of(row)->black ? "black" : "red");
	else
		set_unknown(out);
}

GET(parent)
{
	set_link(row, item_of(row)->parent, out);
}

GET(left)
{
	set_link(row, item_of(row)->left, out);
}

GET(right)
{
	set_link(row, item_of(row)->right, out);
}

static void set_stat(const struct row *row, u64 n, struct value *out)
{
	if (item_of(row)->has_stats)
		set_uint(out, n);
	else
		set_unknown(out);
}

static void set_item_rate(const struct row *row, u64 now, u64 prev, struct value *out)
{
	if (item_of(row)->has_stats && item_of(row)->has_prev)
		set_rate(out, now, prev, row->inst->now_ts, row->inst->prev_ts);
	else
		set_unknown(out);
}

/* Moments: 0 is never. */
static void set_moment(u64 ts, struct value *out)
{
	if (ts)
		set_uint(out, ts);
	else
		set_unknown(out);
}

GET(callbacks)
{
	set_stat(row, item_of(row)->st.callbacks, out);
}

GET(delivered)
{
	set_stat(row, item_of(row)->st.delivered, out);
}

GET(callbacks_rate)
{
	set_item_rate(row, item_of(row)->st.callbacks, item_of(row)->prev.callbacks, out);
}

GET(delivered_rate)
{
	set_item_rate(row, item_of(row)->st.delivered, item_of(row)->prev.delivered, out);
}

GET(mods)
{
	set_stat(row, item_of(row)->st.mods, out);
}

/* Counted while the item is added, by one mechanism; 0 means that nobody looked. */
GET(queues)
{
	if (item_of(row)->st.queues)
		set_stat(row, item_of(row)->st.queues, out);
	else
		set_unknown(out);
}

GET(ready_avg_ns)
{
	const struct item_stats *st = &item_of(row)->st;

	if (item_of(row)->has_stats && st->ready_n)
		set_ns(out, st->ready_sum_ns / st->ready_n);
	else
		set_unknown(out);
}

/* A snapshot since then does not have it on the ready list: nobody was told, and it is over. */
static bool item_rested(const struct m_instance *inst, const struct m_item *item, u64 since)
{
	const struct m_tree *tree = &inst->tree;

	return tree_exact(tree) && ready_known(tree) && tree->ts > since && item->in_tree &&
	       !item->ready_pos;
}

GET(ready_age_ns)
{
	const struct item_stats *st = &item_of(row)->st;
	u64 last = st->again_ns ? st->again_ns : st->ready_ns;

	if (last && !item_rested(row->inst, item_of(row), last))
		set_ns(out, total_diff(row->inst->now_ts, last));
	else
		set_unknown(out);
}

GET(last_callback_ns)
{
	set_moment(item_of(row)->st.last_cb_ns, out);
}

GET(last_delivered_ns)
{
	set_moment(item_of(row)->st.last_delivered_ns, out);
}

GET(revents)
{
	if (item_of(row)->st.last_delivered_ns)
		set_mask(out, item_of(row)->st.revents);
	else
		set_unknown(out);
}

GET(revents_bits)
{
	if (item_of(row)->st.last_delivered_ns)
		set_hex(out, item_of(row)->st.revents);
	else
		set_unknown(out);
}

GET(added_ns)
{
	set_moment(item_of(row)->st.added_ns, out);
}

GET(added_by)
{
	set_moment(item_of(row)->st.tgid, out);
}

GET(file)
{
	set_hex(out, item_of(row)->key.file);
}

GET(epi)
{
	if (item_of(row)->st.epi)
		set_hex(out, item_of(row)->st.epi);
	else
		set_unknown(out);
}

const struct column columns_item[] = {
	{ .name = "fd",
	  .title = "FD",
	  .unit = "",
	  .width = 6,
	  .hook = ALWAYS,
	  .help = "Descriptor number at the time of EPOLL_CTL_ADD: part of the kernel's key.",
	  .get = get_fd },
	COL_TEXT(type, "TYPE", 9, ALWAYS, "Kind of file: tcp, unix, pipe, eventfd, timerfd ..."),
	COL_TEXT(detail, "WHAT", 30, ALWAYS, "Addresses, path or inode of that file."),
	COL_TEXT(mask, "MASK", 21, ALWAYS,
		 "Registered events; the kernel adds ERR and HUP, EPOLLONESHOT clears the rest."),
	COL(mask_bits, "MASK#", "mask", 0, ALWAYS, "The same as a number."),
	COL(data, "DATA", "", 0, ALWAYS, "User data of the item."),
	COL(ready_pos, "READY", "", 5, HOOK_SNAPSHOT,
	    "Position on ep->rdllist from 1, 0: not on it; unknown far behind, or in a scan."),
	COL(depth, "DEPTH", "", 5, HOOK_SNAPSHOT, "Depth in the tree, the root is 1."),
	COL_TEXT(color, "COLOR", 5, HOOK_SNAPSHOT, "Colour of the node: red or black."),
	COL(node, "NODE", "", 0, HOOK_SNAPSHOT,
	    "Position in the order of the tree, by (address of struct file, fd), from 0."),
	COL(parent, "UP", "", 0, HOOK_SNAPSHOT, "Node above; none for the root."),
	COL(left, "LEFT", "", 0, HOOK_SNAPSHOT, "Node below on the left."),
	COL(right, "RIGHT", "", 0, HOOK_SNAPSHOT, "Node below on the right."),
	COL_TEXT(snapshot, "SNAPSHOT", 0, HOOK_SNAPSHOT,
		 "exact; torn: the tree changed while it was read, and is not that of one moment."),
	COL(snapshot_ns, "TAKEN", "ns", 0, HOOK_SNAPSHOT, "Time at which that snapshot began."),
	COL(callbacks, "CB", "", 7, HOOK_CALLBACK,
	    "Calls of ep_poll_callback for the item since the start."),
	COL(delivered, "DELIV", "", 7, HOOK_DELIVER,
	    "Events delivered of the item since the start."),
	COL(callbacks_rate, "CB/s", "1/s", 7, HOOK_CALLBACK, "callbacks per second"),
	COL(delivered_rate, "DELIV/s", "1/s", 7, HOOK_DELIVER, "delivered per second"),
	COL(mods, "MODS", "", 6, HOOK_CTL, "Successful EPOLL_CTL_MOD since the start."),
	COL(queues, "QUEUES", "", 0, HOOK_ITEM,
	    "Wait queues the item hangs on (calls of ep_ptable_queue_proc)."),
	COL(ready_avg_ns, "RDYAVG", "ns", 7, HOOK_CALLBACK,
	    "Mean time from the callback that made it ready to the return that delivered it."),
	COL(ready_age_ns, "AGE", "ns", 7, HOOK_CALLBACK,
	    "Time since the last callback that made it ready and is not delivered yet."),
	COL(last_callback_ns, "LASTCB", "ns", 0, HOOK_CALLBACK, "Time of the last callback."),
	COL(last_delivered_ns, "LASTDLV", "ns", 0, HOOK_DELIVER, "Time of the last delivery."),
	COL_TEXT(revents, "REVENTS", 10, HOOK_DELIVER, "Mask of the last delivery."),
	COL(revents_bits, "REVENTS#", "mask", 0, HOOK_DELIVER, "The same as a number."),
	COL(added_ns, "ADDED", "ns", 0, HOOK_CTL,
	    "Time of EPOLL_CTL_ADD; unknown if before we looked."),
	COL(added_by, "ADDER", "", 0, HOOK_CTL, "Process id that added it."),
	COL(file, "FILE", "", 0, ALWAYS, "Address of struct file: part of the kernel's key."),
	COL(epi, "EPITEM", "", 0, ALWAYS, "Address of struct epitem."),
};
const size_t columns_item_count = sizeof(columns_item) / sizeof(columns_item[0]);
