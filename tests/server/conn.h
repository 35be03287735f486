/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_CONN_H
#define TESTS_CONN_H

#include "server.h"

/* All connections by descriptor; for descriptors below limit. NULL without memory. */
struct conn_table *conn_table_new(int64_t limit);

/* Close what is still open (into control of each one's instance) and free all. */
void conn_table_free(struct conn_table *table);

/* Take over an accepted socket: register it with the worker's instance. */
void conn_open(struct worker *w, int fd);

/*
 * Handle one event of a connection; data is what epoll_wait returned with it. Which event it was
 * does not matter: an error or hang-up shows itself in the next read or send.
 */
void conn_handle(struct worker *w, uint64_t data);

#endif
