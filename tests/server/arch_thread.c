/* SPDX-License-Identifier: GPL-2.0 */
/* A thread per connection. Plain blocking calls, no epoll. */
#include "arch.h"

static void *serve(void *arg)
{
	struct worker *w = arg;
	struct conn *c = w->shared;

	while (conn_echo(c, &w->arch->served[w->index]) != CONN_OVER)
		;
	conn_close(c);
	return NULL;
}

void arch_thread(struct arch *a)
{
	struct worker threads[ARCH_CONNECTIONS];
	struct conn *c;
	int i = 0;

	arch_ready(a);
	while (i < a->connections) {
		c = conn_accept(a->listener, 0);
		if (!c)
			continue;
		worker_start(&threads[i], i, a, c, serve);
		i++;
	}
	workers_join(threads, a->connections);
	a->workers = a->connections;
}
