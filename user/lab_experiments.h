/* SPDX-License-Identifier: GPL-2.0 */
/* Each is in a file of its own: user/lab_NAME.c. */
#ifndef EPSCOPE_LAB_EXPERIMENTS_H
#define EPSCOPE_LAB_EXPERIMENTS_H

#include "lab.h"

extern const struct experiment lab_life;
extern const struct experiment lab_tree;
extern const struct experiment lab_lt_et;
extern const struct experiment lab_when;
extern const struct experiment lab_lost_edge;
extern const struct experiment lab_accept_edge;
extern const struct experiment lab_oneshot;
extern const struct experiment lab_herd;
extern const struct experiment lab_busy_loops;
extern const struct experiment lab_overflow;
extern const struct experiment lab_outlive;
extern const struct experiment lab_nested;
extern const struct experiment lab_multiplex;
extern const struct experiment lab_io_models;
extern const struct experiment lab_architectures;
extern const struct experiment lab_timers;
extern const struct experiment lab_connect;
extern const struct experiment lab_slow_handler;

#endif
