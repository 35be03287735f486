/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lab.h"
#include "mux.h"

struct epolled {
	int epfd;
	int *fds; /* as the broken one needs them */
	size_t count, size;
};

static void *epoll_open(const char *name)
{
	struct epolled *e = calloc(1, sizeof(*e));

	if (!e)
		die("out of memory");
	e->epfd = lab_epoll(name);
	return e;
}

static int epoll_add(void *m, int fd)
{
	struct epolled *e = m;

	if (e->count == e->size) {
		e->size = e->size * 2 + 64;
		e->fds = realloc(e->fds, e->size * sizeof(*e->fds));
		if (!e->fds)
			die("out of memory");
	}
	e->fds[e->count++] = fd;
	lab_add(e->epfd, fd, EPOLLIN);
	return 0;
}

static int epoll_ready(void *m, int ready[MUX_READY])
{
	struct epolled *e = m;
	struct epoll_event ev[MUX_READY];
	int n;

	/* Broken: as with select() and poll(), all is said anew before each wait. */
	for (size_t i = 0; lab_broken && i < e->count; i++)
		lab_mod(e->epfd, e->fds[i], EPOLLIN);
	n = epoll_wait(e->epfd, ev, MUX_READY, -1);
	if (n < 0 && errno != EINTR)
		die_errno("epoll_wait failed");
	for (int i = 0; i < n; i++)
		ready[i] = ev[i].data.fd;
	return n < 0 ? 0 : n;
}

static void epoll_close(void *m)
{
	struct epolled *e = m;

	close(e->epfd);
	free(e->fds);
	free(e);
}

const struct mux mux_epoll = { "epoll", epoll_open, epoll_add, epoll_ready, epoll_close };
