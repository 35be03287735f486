/* SPDX-License-Identifier: GPL-2.0 */
/* The experiments of the lab, in the order in which they teach. To add one: its file, a row here. */
#include "lab_experiments.h"

static const struct experiment *const table[] = {
	&lab_life,        &lab_tree,    &lab_lt_et,        &lab_when,       &lab_lost_edge,
	&lab_accept_edge, &lab_oneshot, &lab_herd,         &lab_busy_loops, &lab_overflow,
	&lab_outlive,     &lab_nested,  &lab_multiplex,    &lab_io_models,  &lab_architectures,
	&lab_timers,      &lab_connect, &lab_slow_handler,
};

const struct experiment *const *experiments(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}
