/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "lab.h"
#include "mux.h"

struct polled {
	struct pollfd *fds;
	size_t count, size;
};

static void *poll_open(const char *name)
{
	struct polled *p = calloc(1, sizeof(*p));

	(void)name;
	if (!p)
		die("out of memory");
	return p;
}

static int poll_add(void *m, int fd)
{
	struct polled *p = m;

	if (p->count == p->size) {
		p->size = p->size * 2 + 64;
		p->fds = realloc(p->fds, p->size * sizeof(*p->fds));
		if (!p->fds)
			die("out of memory");
	}
	p->fds[p->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return 0;
}

static int poll_wait(void *m, int ready[MUX_READY])
{
	struct polled *p = m;
	int left = poll(p->fds, p->count, -1), n = 0;

	if (left < 0 && errno != EINTR)
		die_errno("poll failed");
	for (size_t i = 0; left > 0 && n < MUX_READY; i++) {
		if (!p->fds[i].revents)
			continue;
		ready[n++] = p->fds[i].fd;
		left--;
	}
	return n;
}

static void poll_close(void *m)
{
	struct polled *p = m;

	free(p->fds);
	free(p);
}

const struct mux mux_poll = { "poll", poll_open, poll_add, poll_wait, poll_close };
