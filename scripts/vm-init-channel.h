/* SPDX-License-Identifier: GPL-2.0 */
/* One direction of one stream, moved without ever blocking; see vm-init-channel.c. */
#ifndef VM_INIT_CHANNEL_H
#define VM_INIT_CHANNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_BUF 65536

/* Bytes read from @src and not yet written to @dst are buf[off, len). */
struct channel {
	int src, dst;    /* -1: closed; @dst closed means read and drop */
	bool pipe;       /* @src ends for good when a read returns 0 */
	uint64_t moved;  /* bytes read from @src so far */
	uint64_t end_at; /* the source is at its end after this many bytes */
	size_t off, len;
	char buf[CHANNEL_BUF];
};

/* Start @c between two non-blocking descriptors, which it closes at their end. */
void channel_init(struct channel *c, int src, int dst);

/* What @c waits for now; fd is -1 when it waits for nothing. */
struct pollfd channel_poll(const struct channel *c);

/* Move what can be moved. False when nothing could be. */
bool channel_pump(struct channel *c);

/* Move everything that the source has, waiting for the destination; for the end of a run. */
void channel_drain(struct channel *c);

#endif
