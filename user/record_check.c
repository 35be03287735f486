/* SPDX-License-Identifier: GPL-2.0 */
#include <sys/types.h>
#include "record_check.h"

ssize_t record_size(u32 type)
{
	static const u32 sizes[] = {
		[REC_META] = sizeof(struct rec_meta),
		[REC_PLAN] = sizeof(struct rec_plan),
		[REC_INSTANCE] = sizeof(struct ep_instance),
		[REC_OWNER] = sizeof(struct snap_owner),
		[REC_LISTS] = sizeof(struct snap_tree),
		[REC_TREE] = sizeof(struct snap_tree),
		[REC_ITEM] = sizeof(struct rec_item),
		[REC_THREAD] = sizeof(struct rec_thread),
		[REC_WAKER] = sizeof(struct rec_waker),
		[REC_FD] = sizeof(struct rec_fd),
		[REC_EVENT] = sizeof(struct ev),
		[REC_LOSS] = sizeof(struct rec_loss),
		[REC_TARGET] = sizeof(struct rec_target),
		[REC_COST] = sizeof(struct rec_cost),
		[REC_TICK] = sizeof(struct rec_tick),
		[REC_END] = 0,
	};

	if (type < REC_META || type > REC_END)
		return -1;
	return (ssize_t)sizes[type];
}

bool record_valid(const struct rec_hdr *hdr, const void *payload)
{
	ssize_t size = record_size(hdr->type);
	const struct snap_tree *tree = payload;

	if (size < 0)
		return false;
	if (hdr->type != REC_TREE)
		return hdr->len == (u64)size;
	return hdr->len >= (u64)size &&
	       hdr->len - (u64)size == (u64)tree->items * sizeof(struct snap_node);
}
