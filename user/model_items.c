/* SPDX-License-Identifier: GPL-2.0 */
/* Items of an instance: the tree's nodes, merged with counters and descriptors by (file, fd). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model_priv.h"
#include "tree.h"

static struct item_entry *entry_get(struct inst_priv *x, u64 file, s32 fd)
{
	s64 i = map_get(&x->by_key, file, (u32)fd);

	return i < 0 ? NULL : &x->entries[i];
}

/*
 * Entries were made in the order of a tree: the one of a node's successor is most often the next. hint:
 * NULL, or where to look first; what is behind the last entry is not read.
 */
static struct item_entry *entry_get_or_new(struct inst_priv *x, u64 file, s32 fd,
					   struct item_entry *hint)
{
	struct item_entry *e = hint;

	if (!e || e >= x->entries + x->nentries || e->file != file || e->fd != fd)
		e = entry_get(x, file, fd);
	if (e)
		return e;
	if (array_grow(&x->entries, &x->entry_cap, x->nentries + 1, sizeof(*e)) ||
	    map_put(&x->by_key, file, (u32)fd, x->nentries))
		return NULL;
	e = &x->entries[x->nentries++];
	*e = (struct item_entry){ .file = file, .fd = fd, .item = -1, .next = -1 };
	return e;
}

static void item_init(struct m_item *item, u64 id, u64 file, s32 fd)
{
	*item = (struct m_item){
		.key = { .id = id, .file = file, .fd = fd },
		.left = -1,
		.right = -1,
		.parent = -1,
	};
}

static void item_place(struct m_item *item, const struct snap_node *node,
		       const struct tree_link *link)
{
	item->in_tree = true;
	item->events = node->events;
	item->data = node->data;
	item->ready_pos = node->ready;
	item->depth = link->depth;
	item->black = link->black;
	item->left = link->left;
	item->right = link->right;
	item->parent = link->parent;
}

/* Fills spare[] with the tree's nodes, each with what the old array knew of it. */
static int items_from_nodes(struct m_instance *inst, const struct snap_node *nodes, u32 n,
			    const struct tree_link *links)
{
	struct inst_priv *x = inst->priv;
	struct item_entry *e = NULL;
	struct m_item *item;

	if (map_reserve(&x->by_key, n)) /* at once: each time it grows all are put again */
		return -ENOMEM;
	for (u32 i = 0; i < x->nentries; i++)
		x->entries[i].next = -1;
	for (u32 i = 0; i < n; i++) {
		item = &x->spare[i];
		e = entry_get_or_new(x, nodes[i].file, nodes[i].fd, e ? e + 1 : x->entries);
		if (!e)
			return -ENOMEM;
		if (e->item >= 0 && e->next < 0)
			*item = inst->items[e->item];
		else
			item_init(item, inst->now.id, nodes[i].file, nodes[i].fd);
		if (e->next < 0) /* a torn tree may hold a key twice */
			e->next = (s32)i;
		item->desc = e->desc;
		item_place(item, &nodes[i], &links[i]);
	}
	return 0;
}

/* Items that have counters and are not in the new tree (any more, or yet). */
static bool is_other(const struct m_instance *inst, const struct item_entry *e)
{
	return e->item >= 0 && e->next < 0 && inst->items[e->item].has_stats;
}

static u32 items_others(const struct m_instance *inst)
{
	u32 n = 0;

	for (u32 i = 0; i < inst->priv->nentries; i++)
		n += is_other(inst, &inst->priv->entries[i]);
	return n;
}

/* They go behind its nodes. */
static u32 items_append_others(struct m_instance *inst, u32 n)
{
	struct inst_priv *x = inst->priv;
	struct item_entry *e;
	struct m_item *item;

	for (u32 i = 0; i < x->nentries; i++) {
		e = &x->entries[i];
		if (is_other(inst, e)) {
			item = &x->spare[n];
			*item = inst->items[e->item];
			item->in_tree = false;
			item->depth = item->ready_pos = 0;
			item->left = item->right = item->parent = -1;
			e->next = (s32)n++;
		}
		e->item = e->next;
	}
	return n;
}

/* Whether the tree has the same items as at the last snapshot, as most often. */
static bool items_same(const struct m_instance *inst, const struct snap_node *nodes, u32 n)
{
	const struct item_key *key;

	if (!inst->tree.known || inst->tree.items != n)
		return false;
	for (u32 i = 0; i < n; i++) {
		key = &inst->items[i].key;
		if (key->file != nodes[i].file || key->fd != nodes[i].fd)
			return false;
	}
	return true;
}

static int items_replace(struct m_instance *inst, const struct snap_node *nodes, u32 n,
			 const struct tree_link *links)
{
	struct inst_priv *x = inst->priv;
	struct m_item *old = inst->items;
	u32 cap = x->item_cap;

	if (array_grow(&x->spare, &x->spare_cap, n, sizeof(*x->spare)) ||
	    items_from_nodes(inst, nodes, n, links) ||
	    array_grow(&x->spare, &x->spare_cap, n + items_others(inst), sizeof(*x->spare)))
		return -ENOMEM;
	inst->nitems = items_append_others(inst, n);
	inst->items = x->spare;
	x->item_cap = x->spare_cap;
	x->spare = old;
	x->spare_cap = cap;
	return 0;
}

int items_fold_tree(struct model_priv *p, const struct snap_tree *rec,
		    const struct snap_node *nodes)
{
	struct m_instance *inst = inst_get(p, rec->id);
	const struct tree_link *links;
	struct m_tree shape;

	if (!inst || rec->items > INT32_MAX / 2)
		return 0;
	if (tree_shape(&p->space, nodes, rec->items, rec->root, &shape))
		return -ENOMEM;
	links = p->space.links;
	if (items_same(inst, nodes, rec->items)) {
		for (u32 i = 0; i < rec->items; i++)
			item_place(&inst->items[i], &nodes[i], &links[i]);
	} else if (items_replace(inst, nodes, rec->items, links)) {
		return -ENOMEM;
	}
	shape.ts = rec->ts;
	shape.torn |= !!(rec->flags & (SNAP_TORN | SNAP_MORE));
	shape.scanning = !!(rec->flags & SNAP_SCANNING);
	shape.ready_torn = !!(rec->flags & SNAP_READY_TORN);
	shape.moved = !!(rec->flags & SNAP_MOVED);
	inst->tree = shape;
	inst->priv->touched = inst->priv->tree_batch = p->batch;
	inst_set_lists(p, inst, rec);
	if (tree_exact(&shape))
		inst_set_base(inst, rec->items, rec->change);
	return 0;
}

/* What to compare new counters with: those of the tick before, zeros, or nothing. */
static void item_set_prev(struct m_item *item, const struct item_stats *now, bool is_next, u64 tick)
{
	bool added = tick && now->added_ns > tick;

	item->has_prev = is_next || added;
	item->prev = is_next ? item->st : *now;
	if (added && !is_next)
		memset(&item->prev, 0, sizeof(item->prev));
}

/*
 * Counters may outlive their item where no hook sees its end (basic tier): a whole snapshot that
 * is younger than the item and does not have it knows better.
 */
static bool item_gone(const struct m_instance *inst, const struct item_entry *e,
		      const struct item_stats *st)
{
	if (!inst->tree.known || inst->tree.torn || st->added_ns > inst->tree.ts)
		return false;
	return e->item < 0 || !inst->items[e->item].in_tree;
}

int items_fold_item(struct model_priv *p, const struct rec_item *rec)
{
	struct m_instance *inst = inst_get(p, rec->key.id);
	struct item_entry *e;
	struct inst_priv *x;
	struct m_item *item;

	if (!inst)
		return 0;
	x = inst->priv;
	e = entry_get_or_new(x, rec->key.file, rec->key.fd, NULL);
	if (!e)
		return -ENOMEM;
	if (item_gone(inst, e, &rec->st))
		return 0;
	if (e->item < 0) {
		if (array_grow(&inst->items, &x->item_cap, inst->nitems + 1, sizeof(*item)))
			return -ENOMEM;
		e->item = (s32)inst->nitems++;
		item_init(&inst->items[e->item], rec->key.id, rec->key.file, rec->key.fd);
	}
	item = &inst->items[e->item];
	if (e->batch != p->batch)
		item_set_prev(item, &rec->st, item->has_stats && e->batch + 1 == p->batch,
			      p->pub.ts);
	item->st = rec->st;
	item->has_stats = true;
	/* What this batch's snapshot read is the item's own; the counters know of calls alone. */
	if (!item->in_tree || (rec->st.events && x->tree_batch != p->batch)) {
		item->events = rec->st.events;
		item->data = rec->st.data;
	}
	e->batch = p->batch;
	x->touched = p->batch;
	return 0;
}

int items_fold_fd(struct model_priv *p, const struct rec_fd *rec)
{
	struct m_instance *inst = inst_get(p, rec->id);
	struct item_entry *e;

	if (!inst)
		return 0;
	e = entry_get_or_new(inst->priv, rec->file, rec->fd, NULL);
	if (!e)
		return -ENOMEM;
	if (!e->desc)
		e->desc = malloc(sizeof(*e->desc));
	if (!e->desc ||
	    map_put(&inst->priv->by_fd, (u32)rec->fd, 0, (u32)(e - inst->priv->entries)))
		return -ENOMEM;
	*e->desc = *rec;
	name_copy(e->desc->type, rec->type, sizeof(rec->type));
	name_copy(e->desc->detail, rec->detail, sizeof(rec->detail));
	return 0;
}

/* Drops items that neither the tree nor the counters of this batch know any more. */
static void items_prune(struct model_priv *p, struct m_instance *inst)
{
	struct inst_priv *x = inst->priv;
	u32 n = inst->tree.items;
	struct item_entry *e;

	for (u32 i = n; i < inst->nitems; i++) {
		e = entry_get(x, inst->items[i].key.file, inst->items[i].key.fd);
		if (e->batch != p->batch) {
			e->item = -1;
			continue;
		}
		e->item = (s32)n;
		if (n != i)
			inst->items[n] = inst->items[i];
		n++;
	}
	inst->nitems = n;
}

/* Forgets keys without an item once they are many. */
static void entries_compact(struct m_instance *inst)
{
	struct inst_priv *x = inst->priv;
	u32 n = 0;

	if (x->nentries < inst->nitems + 64 || x->nentries < inst->nitems / 2 * 3)
		return;
	map_clear(&x->by_key);
	map_clear(&x->by_fd);
	for (u32 i = 0; i < x->nentries; i++) {
		if (x->entries[i].item < 0) {
			free(x->entries[i].desc);
			continue;
		}
		map_put(&x->by_key, x->entries[i].file, (u32)x->entries[i].fd, n);
		if (x->entries[i].desc)
			map_put(&x->by_fd, (u32)x->entries[i].fd, 0, n);
		x->entries[n++] = x->entries[i];
	}
	x->nentries = n;
}

void items_tick(struct model_priv *p, struct m_instance *inst)
{
	struct inst_priv *x = inst->priv;
	struct item_entry *e;
	struct m_item *item;

	/* Nothing came in this batch and the one before: all is as the last tick left it. */
	if (x->touched + 1 < p->batch)
		return;
	if (x->touched == p->batch) {
		items_prune(p, inst);
		entries_compact(inst);
	}
	for (u32 i = 0; i < x->nentries; i++) {
		e = &x->entries[i];
		if (e->item < 0)
			continue;
		item = &inst->items[e->item];
		item->desc = e->desc;
		if (item->has_stats && e->batch != p->batch) {
			item->prev = item->st;
			item->has_prev = false;
		}
	}
}

void items_free(struct m_instance *inst)
{
	struct inst_priv *x = inst->priv;

	for (u32 i = 0; i < x->nentries; i++)
		free(x->entries[i].desc);
	free(x->entries);
	free(x->spare);
	free(inst->items);
	map_free(&x->by_key);
	map_free(&x->by_fd);
}
