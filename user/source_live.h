/* SPDX-License-Identifier: GPL-2.0 */
/* The live source: the running kernel as a stream of records. */
#ifndef EPSCOPE_SOURCE_LIVE_H
#define EPSCOPE_SOURCE_LIVE_H

#include "child.h"
#include "exit_codes.h"
#include "options.h"
#include "records.h"

struct live_opts {
	u32 stream_mask; /* bit per enum ev_type to stream, 0: counts alone */
	bool all_items;  /* records of all items, not only the focused instance's */
	bool one_shown;  /* no tree is shown but the focused instance's */
	u32 walk_share; /* trees are read for at most one part in so many of the time, 0: the default */
	enum child_output child_output;
};

/*
 * Attaches to the targets of *o and fills *src; src->close() detaches. The options must outlive it.
 * Returns EXIT_OK, or a status after one line of error with nothing left behind.
 */
enum exit_code source_live_open(struct source *src, const struct options *o,
				const struct live_opts *lo);

#endif
