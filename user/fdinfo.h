/* SPDX-License-Identifier: GPL-2.0 */
/* The text of /proc/PID/fdinfo/FD, parsed. Pure: whoever has the text calls these. */
#ifndef EPSCOPE_FDINFO_H
#define EPSCOPE_FDINFO_H

#include <stdbool.h>
#include <stddef.h>
#include "contract.h"

/* One "tfd:" line of an epoll descriptor, as ep_show_fdinfo() prints it. */
struct fdinfo_item {
	s32 tfd;    /* number at the time of EPOLL_CTL_ADD */
	u32 events; /* registered mask */
	u64 data;
	s64 pos;  /* file position */
	u64 ino;  /* inode number */
	u32 sdev; /* device of that inode, as the kernel encodes it inside */
};

/*
 * Items in text (NUL-terminated) in its order, at most max of them into items (may be NULL if max is
 * 0). Lines that are not a complete item are skipped. Returns how many items the text has.
 */
size_t fdinfo_items(const char *text, struct fdinfo_item *items, size_t max);

/*
 * Value of the line "name:\tVALUE" in text, in base 10 or 16. Returns false, with *out untouched,
 * when there is no such line or its value is not a number.
 */
bool fdinfo_value(const char *text, const char *name, int base, u64 *out);

#endif
