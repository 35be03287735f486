/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "hold.h"

static size_t padded(u32 len)
{
	return ((size_t)len + 7) & ~(size_t)7;
}

/* Records that come once, and change nothing that a frozen screen shows. */
static bool comes_once(const struct rec_hdr *hdr, const void *payload)
{
	switch (hdr->type) {
	case REC_META:
	case REC_PLAN:
	case REC_FD:
	case REC_LOSS:
	case REC_TARGET:
	case REC_END:
		return true;
	case REC_INSTANCE:
		return ((const struct ep_instance *)payload)->died_ns != 0;
	default:
		return false;
	}
}

static int batch_add(struct hold *h, const struct rec_hdr *hdr, const void *payload)
{
	size_t need = h->used + sizeof(*hdr) + padded(hdr->len);

	if (need > h->size) {
		size_t size = need * 2;
		char *grown = realloc(h->batch, size);

		if (!grown)
			return -ENOMEM;
		h->batch = grown;
		h->size = size;
	}
	memcpy(h->batch + h->used, hdr, sizeof(*hdr));
	memcpy(h->batch + h->used + sizeof(*hdr), payload, hdr->len);
	h->used = need;
	return 0;
}

int hold_record(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct hold *h = ctx;

	if (comes_once(hdr, payload))
		return model_fold(h->model, hdr, payload);
	if (hdr->type == REC_EVENT)
		return 0;
	if (h->closed)
		h->used = 0;
	h->closed = hdr->type == REC_TICK;
	return batch_add(h, hdr, payload);
}

int hold_release(struct hold *h)
{
	int err = 0;

	for (size_t at = 0; h->closed && at < h->used && !err;) {
		const struct rec_hdr *hdr = (const void *)(h->batch + at);

		err = model_fold(h->model, hdr, hdr + 1);
		at += sizeof(*hdr) + padded(hdr->len);
	}
	hold_free(h);
	return err;
}

void hold_free(struct hold *h)
{
	free(h->batch);
	h->batch = NULL;
	h->used = h->size = 0;
	h->closed = false;
}
