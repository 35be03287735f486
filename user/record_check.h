/* SPDX-License-Identifier: GPL-2.0 */
/* What a well-formed record is: the one place that knows the length of each type. */
#ifndef EPSCOPE_RECORD_CHECK_H
#define EPSCOPE_RECORD_CHECK_H

#include <stdbool.h>
#include <sys/types.h>
#include "records.h"

/* Bytes of payload of that type (of REC_TREE: without its nodes); -1: type not known. */
ssize_t record_size(u32 type);
/* True if the type is known and the length fits it; of REC_TREE also the number of nodes. */
bool record_valid(const struct rec_hdr *hdr, const void *payload);

#endif
