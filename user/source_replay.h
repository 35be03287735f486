/* SPDX-License-Identifier: GPL-2.0 */
/* A recording as a source: the same batches as the live one, without privileges. */
#ifndef EPSCOPE_SOURCE_REPLAY_H
#define EPSCOPE_SOURCE_REPLAY_H

#include <stdbool.h>
#include "records.h"

/*
 * Opens a recording; "-" is stdin. paced: batches come with the time that was between them when
 * recorded, else as fast as they are taken. Returns 0; -EBADMSG after log_error() for a file that
 * is no recording or one of another build; another negative errno after log_error().
 */
int source_replay_open(struct source *src, const char *path, bool paced);
/*
 * True when the recording was cut off or damaged (log_error() has said how). What came before was
 * emitted, and then SOURCE_END returned.
 */
bool source_replay_damaged(const struct source *src);

#endif
