/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exact state of an instance: the tree's nodes in order, the ready list in order, the waiters. No lock
 * and no reference is taken: the tree may change meanwhile, and the instance may end. So every node is
 * delivered with its links, and user/tree.c checks that they fit together; all nodes and both lists are
 * read twice, so that what was the same both times is that of a moment between; and nothing counts as
 * read unless the instance's file is still there afterwards.
 *
 * Loops are bpf_loop() where the kernel has it (5.17, e6f2dd0f8067); without, they are short (see
 * CHUNK), and user space asks for the rest of a tree in further passes.
 */
#ifndef EPSCOPE_SNAPSHOT_BPF_H
#define EPSCOPE_SNAPSHOT_BPF_H

#include "discover.bpf.h"
#include "on_send.bpf.h"
#include "seed.bpf.h"

/* Turns at most, with bpf_loop() ... */
#define WALK_MAX   (1u << 20)
#define LISTED_MAX 65536
/* ... and without. */
#define WALK_SHORT   (CHUNK * 64)
#define LISTED_SHORT (CHUNK * 64)

/* How a walk ended: snap.end. */
enum walk_end {
	WALK_ON, /* not at all: it was cut off */
	WALK_DONE,
	WALK_BROKEN, /* the list changed under us */
};

/*
 * Links, key and user data of a node as they are now; false if they are not as they were read. Not its
 * mask, which each delivery of a one-shot item changes: it is that of a moment of its own.
 */
static __always_inline bool node_read(struct snap_node *out, struct rb_node *rb)
{
	struct epitem *epi = epi_of_node((u64)rb);
	struct snap_node was;

	was.parent_color = out->parent_color;
	was.left = out->left;
	was.right = out->right;
	was.file = out->file;
	was.fd = out->fd;
	was.data = out->data;
	out->parent_color = FIELD(rb, __rb_parent_color);
	out->left = (u64)FIELD(rb, rb_left);
	out->right = (u64)FIELD(rb, rb_right);
	out->file = (u64)FIELD(epi, ffd.file);
	out->fd = FIELD(epi, ffd.fd);
	out->data = FIELD(epi, event.data);
	return was.parent_color == out->parent_color && was.left == out->left &&
	       was.right == out->right && was.file == out->file && was.fd == out->fd &&
	       was.data == out->data;
}

/* Delivers snap.node and goes to the next. Returns 1 to stop: end of the tree, or of the buffer. */
__attribute__((noinline)) int walk_step(void)
{
	struct rb_node *rb = (void *)snap.node;
	struct epitem *epi = epi_of_node(snap.node);
	struct snap_node *out;
	u32 at = snap.tree.items;
	struct inode *inode;
	struct file *file;

	out = bpf_map_lookup_elem(&snap_slots, &at);
	if (!out || !rb)
		return 1;
	out->node = (u64)rb;
	node_read(out, rb);
	file = (struct file *)out->file;
	out->events = FIELD(epi, event.events);
	inode = FIELD(file, f_inode);
	out->ino = FIELD(inode, i_ino);
	out->linked = epi_linked(epi);
	out->ready = 0;
	if (snap.seed_id == snap.tree.id)
		item_seed(snap.ep, snap.tree.id, (u64)rb);
	snap.tree.items = at + 1;
	snap.node = tree_next(snap.node);
	return snap.node == 0;
}

/* Looks at the next slot's node again. Returns 1 to stop: it is not as it was, or was the last. */
__attribute__((noinline)) int verify_step(void)
{
	u32 at = snap.verified;
	struct snap_node *was = bpf_map_lookup_elem(&snap_slots, &at);

	if (!was || at >= snap.verify)
		return 1;
	if (!node_read(was, (struct rb_node *)was->node)) {
		snap.tree.flags |= SNAP_MOVED;
		return 1;
	}
	if (snap.verify_linked && epi_linked(epi_of_node(was->node)) != was->linked)
		snap.tree.flags |= SNAP_READY_TORN;
	snap.verified = at + 1;
	return 0;
}

/*
 * The next entry of a list, checked against its back link. Returns 1 to stop, see snap.end. One that was
 * removed under us (list_del_init()) has only itself before and behind it.
 */
static __always_inline int list_stop(void)
{
	struct list_head *link = (void *)snap.list_cur;

	if (snap.list_cur == snap.list_head)
		snap.end = WALK_DONE;
	else if (snap.list_cur == snap.list_prev || (u64)FIELD(link, prev) != snap.list_prev)
		snap.end = WALK_BROKEN;
	return snap.end != WALK_ON;
}

static __always_inline void list_advance(void)
{
	struct list_head *link = (void *)snap.list_cur;

	snap.list_len++;
	snap.list_hash = (snap.list_hash ^ snap.list_cur) * 0x9e3779b97f4a7c15ULL;
	snap.list_prev = snap.list_cur;
	snap.list_cur = (u64)FIELD(link, next);
}

/* One entry of rdllist. */
__attribute__((noinline)) int ready_step(void)
{
	u32 at = snap.ready_used;
	u64 *out;

	if (list_stop())
		return 1;
	out = bpf_map_lookup_elem(&snap_ready, &at);
	if (out) {
		*out = snap.list_cur - bpf_core_field_offset(struct epitem, rdllink) +
		       bpf_core_field_offset(struct epitem, rbn);
		snap.ready_used = at + 1;
	}
	list_advance();
	return 0;
}

/* The waiter that the walk of ep->wq stands at: 64-bit code may make 32-bit calls, too. */
static __always_inline void compat_look_call(void)
{
	u64 entry = snap.list_cur - bpf_core_field_offset(struct wait_queue_entry, entry);

	if (task_calls_compat(BPF_CORE_READ((struct wait_queue_entry *)entry, private)))
		compat_calls = 1;
}

/* One waiter of ep->wq. */
__attribute__((noinline)) int waiter_step(void)
{
	if (list_stop())
		return 1;
	compat_look_call();
	/* As it waits each time, it is lost once. */
	if (snap.seeding && !waiter_seed(snap.ep, snap.tree.id, snap.list_cur) && !snap.list_tries)
		waiter_lost(snap.ep);
	list_advance();
	return 0;
}

/* CHUNK steps; returns 1 to stop, as a step does. */
#define CHUNK_OF(step)                                   \
	__attribute__((noinline)) int step##_chunk(void) \
	{                                                \
		int i;                                   \
                                                         \
		for (i = 0; i < CHUNK; i++)              \
			if (step())                      \
				return 1;                \
		return 0;                                \
	}

CHUNK_OF(walk_step)
CHUNK_OF(verify_step)
CHUNK_OF(ready_step)
CHUNK_OF(waiter_step)

static long walk_loop(u32 i, void *ctx)
{
	return walk_step() != 0;
}

static long verify_loop_step(u32 i, void *ctx)
{
	return verify_step() != 0;
}

static long ready_loop(u32 i, void *ctx)
{
	return ready_step() != 0;
}

static long waiter_loop(u32 i, void *ctx)
{
	return waiter_step() != 0;
}

static __always_inline void pass_begin(void)
{
	u64 head = snap.list_head;

	snap.hash_before = snap.list_hash;
	snap.end_before = snap.end;
	snap.list_prev = head;
	snap.list_cur = (u64)BPF_CORE_READ((struct list_head *)head, next);
	snap.list_len = 0;
	snap.list_hash = 0;
	snap.ready_used = 0;
	snap.end = WALK_ON;
}

/* Whether this pass met the same as the one before. */
static __always_inline int pass_same(void)
{
	snap.list_tries++;
	return snap.end != WALK_BROKEN && snap.end == snap.end_before &&
	       snap.list_hash == snap.hash_before;
}

/* One pass over the list: functions of their own, as 5.10 refuses the loop around them ("back-edge"). */
#define PASS_OF(list, step)                                   \
	__attribute__((noinline)) int list##_pass_loop(void)  \
	{                                                     \
		pass_begin();                                 \
		bpf_loop(LISTED_MAX, list##_loop, NULL, 0);   \
		return pass_same();                           \
	}                                                     \
                                                              \
	__attribute__((noinline)) int list##_pass_short(void) \
	{                                                     \
		int i;                                        \
                                                              \
		pass_begin();                                 \
		for (i = 0; i < LISTED_SHORT; i += CHUNK)     \
			if (step##_chunk())                   \
				break;                        \
		return pass_same();                           \
	}

PASS_OF(ready, ready_step)
PASS_OF(waiter, waiter_step)

/* scanned: the instance whose scan takes this list away meanwhile, or NULL. */
static __always_inline bool list_try(struct eventpoll *scanned, int (*pass)(void))
{
	if (scanned && is_scanning(scanned)) {
		snap.end = WALK_BROKEN;
		return false;
	}
	return pass() && !(scanned && is_scanning(scanned));
}

/*
 * Walks a list until it meets the same as the time before, five times at most: entries that came to its
 * end after those before them had gone look like one list, and an entry that went from where the walk
 * had been to the end is in it twice. False if that does not come to pass.
 */
static __always_inline bool list_read(u64 head, struct eventpoll *scanned, int (*pass)(void))
{
	snap.list_head = head;
	snap.end = WALK_BROKEN;
	snap.list_tries = 0;
	return list_try(scanned, pass) || list_try(scanned, pass) || list_try(scanned, pass) ||
	       list_try(scanned, pass) || list_try(scanned, pass);
}

static __always_inline void snap_ready_list(struct ep_instance *inst, bool loop)
{
	u64 head = snap.ep + bpf_core_field_offset(struct eventpoll, rdllist);
	struct eventpoll *e = (void *)snap.ep;

	if (!list_read(head, e, loop ? ready_pass_loop : ready_pass_short)) {
		snap.ready_used = 0;
		snap.tree.flags |= is_scanning(e) ? SNAP_SCANNING : SNAP_READY_TORN;
	} else {
		snap.tree.ready = snap.list_len;
		if (snap.end == WALK_ON)
			snap.tree.flags |= SNAP_READY_CUT;
	}
	snap.tree.overflow = ovflist_count(e);
	if (snap.tree.overflow > LIST_MAX)
		inst->lost[LOSS_LIST] = 1;
}

static __always_inline void snap_waiters(struct ep_instance *inst, bool loop)
{
	u64 head = snap.ep + bpf_core_field_offset(struct eventpoll, wq.head);

	if (!list_read(head, NULL, loop ? waiter_pass_loop : waiter_pass_short))
		snap.tree.flags |= SNAP_WAITERS_TORN;
	else if (snap.end == WALK_ON)
		snap.tree.flags |= SNAP_WAITERS_CUT;
	snap.tree.waiters = snap.list_len;
	/* Nobody will see those return that were not met */
	if (snap.seeding && snap.tree.flags & (SNAP_WAITERS_CUT | SNAP_WAITERS_TORN))
		lose_in(inst, LOSS_THREADS);
}

/* How many items came and went, as far as it is counted. */
static __always_inline u64 changes_of(const struct ep_stats *st)
{
	return st->adds + st->dels + st->released;
}

static __always_inline void snap_nodes(const struct ep_stats *st, bool loop)
{
	struct eventpoll *e = (void *)snap.ep;
	int i;

	snap.tree.change = (u32)(st->adds - st->dels - st->released);
	if (snap.after_fd < 0) /* not on the way through a large tree */
		snap.changes = changes_of(st);
	snap.tree.flags |= SNAP_WALKED;
	snap.tree.root = (u64)BPF_CORE_READ(e, rbr.rb_root.rb_node);
	snap.node = tree_above(snap.ep, snap.after_file, snap.after_fd);
	if (loop && snap.node)
		bpf_loop(WALK_MAX, walk_loop, NULL, 0);
	for (i = 0; !loop && snap.node && i < WALK_SHORT; i += CHUNK)
		if (walk_step_chunk())
			break;
	if (snap.node)
		snap.tree.flags |= SNAP_MORE;
}

/* One not seeded yet is walked in any case: its counting begins with that. */
static __always_inline void snap_read(struct ep_instance *inst, bool loop)
{
	snap.seeding = inst->seeded == SEED_NOT;
	if (snap.seeding)
		snap.seed_id = snap.tree.id; /* also if the tree is torn and read again */
	if (snap.walk == WALK_ALL || snap.walk == snap.tree.id || snap.seeding)
		snap_nodes(&inst->st, loop);
	/* The rest once all items are read. What the waits of waiters deliver has to be known by then. */
	if (snap.tree.flags & SNAP_MORE)
		return;
	/* Waits that begin from here on tell themselves; those that are under way are on ep->wq. */
	if (snap.seeding && inst->id == snap.tree.id)
		inst->seeded = SEED_DONE;
	snap_waiters(inst, loop);
	snap_ready_list(inst, loop);
}

/* The instance at snap.ep: lists and, if wanted, tree. */
static __always_inline void snapshot(bool loop)
{
	u64 ep = snap.ep, id;
	struct ep_instance *inst = instance_get(ep);
	struct file *file;

	snap.read = 0;
	if (!inst || (inst->snap_pass == snap.pass && !snap.again))
		return;
	file = (void *)inst->file;
	if (!file_is(file, ep))
		return;
	inst->snap_pass = snap.pass;
	__builtin_memset(&snap.tree, 0, sizeof(snap.tree));
	snap.ready_used = 0;
	snap.tree.id = id = inst->id;
	snap.tree.ts = bpf_ktime_get_ns();
	snap_read(inst, loop);
	if (!file_is(file, ep) || inst->id != id)
		return;
	snap.read = 1;
	if (snap.tree.ready > inst->st.ready_peak)
		inst->st.ready_peak = snap.tree.ready;
}

/*
 * The nodes that user space has in the slots, after the whole tree at snap.ep was read. An item that was
 * removed and made anew in between, at the same address and with the same links and data, is noticed by
 * the counters alone, and so not in the basic tier if its file was closed.
 */
static __always_inline void verify(bool loop)
{
	struct ep_instance *inst = instance_get(snap.ep);
	struct eventpoll *e = (void *)snap.ep;
	int i;

	if (loop)
		bpf_loop(WALK_MAX, verify_loop_step, NULL, 0);
	for (i = 0; !loop && i < WALK_SHORT; i += CHUNK)
		if (verify_step_chunk())
			break;
	if (!inst || inst->id != snap.tree.id || !file_is((struct file *)inst->file, snap.ep) ||
	    changes_of(&inst->st) != snap.changes ||
	    (u64)BPF_CORE_READ(e, rbr.rb_root.rb_node) != snap.tree.root)
		snap.tree.flags |= SNAP_MOVED;
}

#endif
