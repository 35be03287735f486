/* SPDX-License-Identifier: GPL-2.0 */
/* Strict numbers: the whole text or nothing. Each returns 0, -EINVAL (not a number, or leftovers) or
 * -ERANGE, and leaves *out alone on error. */
#ifndef EPSCOPE_PARSE_NUM_H
#define EPSCOPE_PARSE_NUM_H

#include "contract.h"

/* Decimal digits only, min <= value <= max. */
int parse_u64(const char *text, u64 min, u64 max, u64 *out);
/* A number with ns, us, ms, s, m or h; seconds if there is no unit. In ns, at most max. */
int parse_duration(const char *text, u64 max, u64 *out);
/* A number with k, M or G (powers of 1024); bytes if there is no unit. At most max. */
int parse_size(const char *text, u64 max, u64 *out);
/*
 * "1,2,3": appends to pids[*n], at most size in all. On error *bad (not NULL) is set to where the
 * text goes wrong.
 */
int parse_pids(const char *text, int *pids, int *n, int size, const char **bad);

#endif
