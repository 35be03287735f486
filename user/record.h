/* SPDX-License-Identifier: GPL-2.0 */
/* Writes a recording: a header, then the stream of records as it comes (user/records.h). */
#ifndef EPSCOPE_RECORD_H
#define EPSCOPE_RECORD_H

#include "record_check.h"

#define RECORD_MAGIC   "EPSCOPE\n"
#define RECORD_VERSION 8u
#define RECORD_SIZES   32 /* room in the header, so that its own size never changes */
/* A byte order mark: read on a foreign machine it is another number. */
#define RECORD_ORDER 0x01020304u

/* First bytes of a recording. */
struct record_file {
	char magic[8];
	u32 order;
	u32 version;
	/* Payload of each type, and of a tree node: what the writer was built with. */
	u32 sizes[RECORD_SIZES];
};

/* The header that this build writes, and accepts. */
void record_file_init(struct record_file *f);

struct recorder;

/*
 * Opens path for writing, replacing what was there; "-" is stdout. Returns 0 or a negative errno.
 * The caller closes *rec.
 */
int recorder_open(struct recorder **rec, const char *path);
/*
 * A record_fn (ctx is the struct recorder). A batch is written out at its REC_TICK; REC_END is
 * left to recorder_close(). Returns 0 or a negative errno, which stays: a record is missing.
 */
int recorder_write(void *ctx, const struct rec_hdr *hdr, const void *payload);
/*
 * Marks the recording as complete, unless it is not, and closes it. Returns 0 or the first error.
 * Accepts NULL.
 */
int recorder_close(struct recorder *rec);

#endif
