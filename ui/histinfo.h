/* SPDX-License-Identifier: GPL-2.0 */
/* The histograms of an instance, for everything that shows them. */
#ifndef EPSCOPE_UI_HISTINFO_H
#define EPSCOPE_UI_HISTINFO_H

#include "model.h"

#define HIST_COUNT 6

struct hist_info {
	const char *title;
	size_t offset;     /* in struct ep_stats */
	size_t max_offset; /* there, of its largest value */
	enum hook hook;    /* without it the values are unknown */
	bool events;       /* counts events instead of nanoseconds */
};

extern const struct hist_info hist_infos[HIST_COUNT];

/* HIST_SLOTS totals since the start. */
const u64 *hist_slots(const struct hist_info *info, const struct m_instance *inst);

#endif
