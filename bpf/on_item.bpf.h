/* SPDX-License-Identifier: GPL-2.0 */
/* Items come, change and go: epoll_ctl, the wait queues they hang on, and the close of a file. */
#ifndef EPSCOPE_ON_ITEM_BPF_H
#define EPSCOPE_ON_ITEM_BPF_H

#include "aggregate.bpf.h"

#define TREE_DEPTH_MAX 64
#define RELEASE_MAX    (CHUNK * 64) /* instances that one closed file may be registered with */

#define WENT_RIGHT 1ULL /* nodes are aligned */

/* From a node down to the side where keys above (file, fd) begin, with WENT_RIGHT: not this one yet. */
__attribute__((noinline)) u64 tree_down(u64 node, u64 file, s64 fd)
{
	struct epitem *epi = epi_of_node(node);
	u64 f = (u64)BPF_CORE_READ(epi, ffd.file);
	s64 d = BPF_CORE_READ(epi, ffd.fd);

	if (f > file || (f == file && d > fd))
		return (u64)BPF_CORE_READ(epi, rbn.rb_left);
	return (u64)BPF_CORE_READ(epi, rbn.rb_right) | WENT_RIGHT;
}

/* The first node whose key is above (file, fd); 0 if none, or if the tree changes. */
__attribute__((noinline)) u64 tree_above(u64 ep, u64 file, s64 fd)
{
	u64 node = (u64)BPF_CORE_READ((struct eventpoll *)ep, rbr.rb_root.rb_node);
	u64 found = 0, down;
	int i;

	for (i = 0; i < TREE_DEPTH_MAX && node; i++) {
		down = tree_down(node, file, fd);
		if (!(down & WENT_RIGHT))
			found = node;
		node = down & ~WENT_RIGHT;
	}
	return found;
}

/* Which item of the tree has this key: the kernel's ep_find(). 0 if none, or if it moves. */
__attribute__((noinline)) u64 tree_find(u64 ep, u64 file, int fd)
{
	u64 node = tree_above(ep, file, (s64)fd - 1);
	struct epitem *epi = epi_of_node(node);

	if (!node || (u64)BPF_CORE_READ(epi, ffd.file) != file || BPF_CORE_READ(epi, ffd.fd) != fd)
		return 0;
	return (u64)epi;
}

/*
 * The entry was deleted while somebody else took a share of it: that one, and those who came after it
 * went, share a new one, and which of them an event means cannot be told.
 */
static __always_inline void data_restore(struct data_key *key, const struct data_index *deleted)
{
	u32 others = deleted->others;
	struct data_index new = { .others = others - 1 };
	struct data_index *index;

	if (!others)
		return;
	if (!bpf_map_update_elem(&by_data, key, &new, BPF_NOEXIST))
		return;
	index = bpf_map_lookup_elem(&by_data, key);
	if (!index)
		return;
	count_add(index->others, others);
	index->file = 0;
}

/* The item leaves its user data; the last one takes the entry with it. */
static __always_inline void data_forget(struct item_key *item_key, struct item_stats *item)
{
	struct data_key key = { .id = item_key->id, .data = item->data };
	struct data_index *index;
	bool this;

	if (!item->named)
		return;
	item->named = 0;
	index = bpf_map_lookup_elem(&by_data, &key);
	if (!index)
		return;
	this = index->file == item_key->file && index->fd == item_key->fd;
	if (index->others) {
		count_add(index->others, -1);
		if (this)
			index->file = 0;
	} else if (this || !index->file) {
		bpf_map_delete_elem(&by_data, &key);
		/* Another CPU took a share between the two: see data_share() */
		data_restore(&key, index);
	}
}

/*
 * Whether the item that this user data meant is there no more: after a close that no hook saw, or
 * that a snapshot read while it went. It is forgotten then.
 */
static __always_inline bool data_stale(u64 ep, u64 id, u64 data, struct data_index *index)
{
	struct item_stats *item;
	struct item_key key;

	if (!index->file)
		return false;
	item_key_init(&key, id, index->file, index->fd);
	item = bpf_map_lookup_elem(&items, &key);
	if (!item || item->data != data)
		return true;
	/* Twice: it may just have been moved. */
	if (tree_find(ep, index->file, index->fd) || tree_find(ep, index->file, index->fd))
		return false;
	bpf_map_delete_elem(&items, &key);
	return true;
}

/*
 * Adds the item to those that have this user data. Two CPUs may do so at once: one makes the entry, the
 * other finds it made; and the entry may be deleted meanwhile. Returns whether it has its share.
 * Not inline: compat_exit() would need more stack than there is (scripts/check-stack).
 */
static __attribute__((noinline)) bool data_share(struct ep_instance *inst, struct data_key *key,
						 const struct data_index *new)
{
	struct data_index *index = bpf_map_lookup_elem(&by_data, key);

	if (!index) {
		if (!bpf_map_update_elem(&by_data, key, new, BPF_NOEXIST))
			return true;
		index = bpf_map_lookup_elem(&by_data, key);
	} else if (data_stale(inst->ep, key->id, key->data, index)) {
		index->file = new->file;
		index->fd = new->fd;
		return true;
	}
	if (!index)
		return false; /* no room */
	count_add(index->others, 1);
	return true;
}

/* Remembers which item this user data means. */
static __always_inline void data_learn(struct ep_instance *inst, struct item_key *item_key,
				       struct item_stats *item, u64 data)
{
	struct data_key key = { .id = item_key->id, .data = data };
	struct data_index new = { .file = item_key->file, .fd = item_key->fd };

	if (item->named && item->data == data)
		return;
	data_forget(item_key, item);
	item->data = data;
	item->named = data_share(inst, &key, &new);
	if (!item->named)
		lose_in(inst, LOSS_DATA);
}

static __always_inline void item_forget(struct item_key *key)
{
	struct item_stats *item = bpf_map_lookup_elem(&items, key);

	if (!item)
		return;
	data_forget(key, item);
	bpf_map_delete_elem(&items, key);
}

static __always_inline void item_set(struct ep_instance *inst, struct item_key *key, u32 events,
				     u64 data, int op)
{
	struct item_stats *item;

	if (op == EPOLL_CTL_ADD && add_resets_item)
		item_forget(key);
	item = item_get_or_new(key);
	if (!item && op == EPOLL_CTL_ADD)
		lose_in(inst, LOSS_ITEMS);
	if (!item)
		return;
	if (op == EPOLL_CTL_ADD) {
		item->added_ns = bpf_ktime_get_ns();
		item->tgid = tgid_now_seen();
		if (!item->epi)
			item->epi = tree_find(inst->ep, key->file, key->fd);
	} else {
		count(item->mods);
		/* ep_modify() may link it without a callback; the marks may be of what was read long ago. */
		item->ready_ns = item->again_ns = 0;
		item->marks = 0;
	}
	item->events = events;
	data_learn(inst, key, item, data);
}

static __always_inline void ctl_count(struct ep_stats *st, int op, long ret)
{
	if (ret)
		count(st->ctl_errors);
	else if (op == EPOLL_CTL_ADD)
		count(st->adds);
	else if (op == EPOLL_CTL_MOD)
		count(st->mods);
	else
		count(st->dels);
}

/* End of an epoll_ctl, by whichever way it came. tfile: the file behind fd. */
static __always_inline void on_ctl(struct file *epfile, int epfd, struct file *tfile, int op,
				   int fd, u32 events, u64 data, long ret)
{
	struct ep_instance *inst;
	struct item_key key;
	struct ev *ev;
	u64 ep;

	inst = instance_of_call(epfile, epfd);
	if (!inst)
		return;
	ep = inst->ep;
	item_key_init(&key, inst->id, (u64)tfile, fd);
	if (inst->seeded == SEED_DONE)
		ctl_count(&inst->st, op, ret);
	/* do_epoll_ctl() adds these two to what the user asked for; the system call's own hooks see
	 * the mask before it did */
	if (!ret && op != EPOLL_CTL_DEL)
		events |= EPOLLERR | EPOLLHUP;
	if (!ret && op == EPOLL_CTL_DEL)
		item_forget(&key);
	else if (!ret)
		item_set(inst, &key, events, data, op);
	if (!streams(EV_CTL) || inst->seeded != SEED_DONE)
		return;
	ev = ev_start(EV_CTL, bpf_ktime_get_ns(), ep, key.id);
	if (!ev)
		return;
	ev->epfd = epfd;
	ev->fd = fd;
	ev->op = op;
	ev->mask = events;
	ev->data = data;
	ev->result = (s32)ret;
	ev_submit(ev);
}

/* ep_insert() hangs the new item on one wait queue of its file; some files have two. */
static __always_inline void on_queue(struct epitem *epi)
{
	u64 ep = (u64)BPF_CORE_READ(epi, ep);
	struct ep_instance *inst = instance_get(ep);
	struct item_stats *item;
	struct item_key key;

	if (!inst)
		return;
	item_key_of_epi(&key, inst->id, epi);
	item = item_get_or_met(&key, inst);
	if (!item)
		return;
	item->epi = (u64)epi;
	count(item->queues);
}

/* link: its entry in the file's list of items. */
__attribute__((noinline)) int release_one(u64 link)
{
	struct epitem *epi = (void *)(link - bpf_core_field_offset(struct epitem, fllink));
	u64 ep = (u64)BPF_CORE_READ(epi, ep);
	struct ep_instance *inst = instance_get(ep);
	struct item_key key;
	struct ev *ev;

	if (!inst)
		return 0;
	item_key_of_epi(&key, inst->id, epi);
	item_forget(&key);
	if (inst->seeded != SEED_DONE)
		return 0;
	count(inst->st.released);
	if (!streams(EV_RELEASE))
		return 0;
	ev = ev_start(EV_RELEASE, bpf_ktime_get_ns(), ep, key.id);
	if (!ev)
		return 0;
	ev->fd = key.fd;
	ev_submit(ev);
	return 0;
}

/* CHUNK items of a closed file: the link after them, or end. */
__attribute__((noinline)) u64 release_chunk(u64 link, u64 end)
{
	int i;

	for (i = 0; i < CHUNK && link != end; i++) {
		release_one(link);
		/* hlist_node and list_head both begin with next */
		if (bpf_probe_read_kernel(&link, sizeof(link), (void *)link)) {
			lose(LOSS_READ);
			return end;
		}
	}
	return link;
}

/* eventpoll_release_file(): the last reference to a registered file goes, and its items with it. */
static __always_inline void on_release(struct file *file)
{
	struct file___f_ep_links *old = (void *)file;
	u64 link, end = 0;
	int i;

	if (bpf_core_field_exists(old->f_ep_links)) {
		end = scalar(file) + bpf_core_field_offset(struct file___f_ep_links, f_ep_links);
		link = (u64)BPF_CORE_READ(old, f_ep_links.next);
	} else {
		link = (u64)BPF_CORE_READ(file, f_ep, first);
	}
	for (i = 0; i < RELEASE_MAX && link != end; i += CHUNK)
		link = release_chunk(link, end);
	if (link != end)
		lose(LOSS_LIST);
}

#endif
