/* SPDX-License-Identifier: GPL-2.0 */
/* A recording as a source: the same batches as the live one, without privileges. */
#ifndef EPSCOPE_SOURCE_REPLAY_H
#define EPSCOPE_SOURCE_REPLAY_H

#include <stdbool.h>
#include "exit_codes.h"
#include "records.h"

/*
 * Opens a recording; "-" is stdin. paced: batches come with the time that was between them when
 * recorded, else as fast as they are taken. Returns EXIT_OK; after log_error() EXIT_RECORDING for
 * a file that cannot be read, is no recording or one of another build, EXIT_FAILED without memory.
 */
enum exit_code source_replay_open(struct source *src, const char *path, bool paced);
/*
 * True when the recording was cut off or damaged (log_error() has said how). What came before was
 * emitted, and then SOURCE_END returned.
 */
bool source_replay_damaged(const struct source *src);

#endif
