/* SPDX-License-Identifier: GPL-2.0 */
/* Names for the kernel's numbers. Pure; nothing returns NULL. */
#ifndef EPSCOPE_MASKS_H
#define EPSCOPE_MASKS_H

#include <stddef.h>
#include "contract.h"

#define MASK_TEXT_LEN 128 /* enough for every mask */

/*
 * "IN|RDHUP|ET": names without EPOLL, in the order of the bits, bits without a name as one hex
 * number at the end, "0" for none. Returns the length, at most size - 1.
 */
size_t mask_text(u32 mask, char *buf, size_t size);
/* "ADD", "DEL", "MOD", "?". */
const char *ctl_op_name(u32 op);
/* "ready", "already", "overflow", "ignored", "?". */
const char *cb_outcome_name(u32 outcome);
/* "task", "softirq", "hardirq", "unknown". */
const char *context_name(u32 ctx);
/* "create" ... "exit", "lost"; EV_COUNT: "meta"; "?". */
const char *event_name(u32 type);
/* EV_COUNT if there is none of that name. */
enum ev_type event_by_name(const char *name);
/* One sentence on that event, for help and schema. */
const char *event_help(u32 type);
/* "ring", "instances" ... and what is missing then; "?". */
const char *loss_name(u32 loss);
const char *loss_help(u32 loss);
const char *tier_name(u32 tier);
/* "EINTR" for 4 or -4; the number in buf if it has no name. buf: 16 bytes or more. */
const char *errno_text(s32 err, char *buf, size_t size);

#endif
