/* SPDX-License-Identifier: GPL-2.0 */
/* What opens a live stream: where, when, what was asked for, and by which mechanisms. */
#ifndef EPSCOPE_LIVE_META_H
#define EPSCOPE_LIVE_META_H

#include "options.h"
#include "plan.h"

/* Emits REC_META and a REC_PLAN per hook; 0 or what fn returned. */
int live_meta_emit(const struct options *o, const struct plan *plan, record_fn fn, void *ctx);

#endif
