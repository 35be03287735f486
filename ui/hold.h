/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pause: the model stands still while the source goes on. What the source says only once is folded
 * at once (it changes no figure), of the totals the last whole batch is kept for the end of the
 * pause: they are totals, so nothing is lost by leaving out those before.
 */
#ifndef EPSCOPE_UI_HOLD_H
#define EPSCOPE_UI_HOLD_H

#include "model.h"

struct hold {
	struct model *model;
	char *batch; /* records, one after the other, each padded to 8 bytes */
	size_t used, size;
	bool closed; /* the batch ended with REC_TICK: the next record begins another */
};

/* A record_fn for the time of a pause; ctx is the struct hold. 0 or -ENOMEM. */
int hold_record(void *ctx, const struct rec_hdr *hdr, const void *payload);
/* End of the pause: folds the last whole batch. 0 or -ENOMEM. */
int hold_release(struct hold *h);
void hold_free(struct hold *h);

#endif
