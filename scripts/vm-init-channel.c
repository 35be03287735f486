/* SPDX-License-Identifier: GPL-2.0 */
/* Moving bytes between the command's pipes or pty and the host's ports. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "vm-init-channel.h"

void channel_init(struct channel *c, int src, int dst)
{
	c->src = src;
	c->dst = dst;
	c->pipe = false;
	c->moved = 0;
	c->end_at = UINT64_MAX;
	c->off = 0;
	c->len = 0;
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool channel_at_end(const struct channel *c)
{
	return c->moved >= c->end_at;
}

struct pollfd channel_poll(const struct channel *c)
{
	if (c->off < c->len)
		return (struct pollfd){ .fd = c->dst, .events = POLLOUT };
	if (channel_at_end(c))
		return (struct pollfd){ .fd = -1 };
	return (struct pollfd){ .fd = c->src, .events = POLLIN };
}

/*
 * A read of 0 bytes ends a pipe, but not a port: that reads so until the host's side is connected.
 * EPIPE is /dev/kmsg telling that records were overwritten before they were read.
 */
static bool channel_read(struct channel *c)
{
	ssize_t n;

	if (c->src < 0 || channel_at_end(c))
		return false;
	n = read(c->src, c->buf, sizeof(c->buf));
	if (n < 0)
		return errno == EINTR || errno == EPIPE;
	if (!n && c->pipe)
		fd_close(&c->src);
	c->off = 0;
	c->len = (size_t)n;
	c->moved += (uint64_t)n;
	return n > 0;
}

static bool channel_write(struct channel *c)
{
	ssize_t n;

	if (c->dst < 0) {
		c->off = c->len;
		return true;
	}
	n = write(c->dst, c->buf + c->off, c->len - c->off);
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return false;
		/* The command closed its stdin: the rest has no reader. */
		fd_close(&c->dst);
		return true;
	}
	c->off += (size_t)n;
	return true;
}

bool channel_pump(struct channel *c)
{
	bool done;

	if (c->off < c->len)
		done = channel_write(c);
	else
		done = channel_read(c);
	if (c->off >= c->len && channel_at_end(c))
		fd_close(&c->dst);
	return done;
}

void channel_drain(struct channel *c)
{
	struct pollfd p;

	while (c->off < c->len || channel_read(c)) {
		p = (struct pollfd){ .fd = c->dst, .events = POLLOUT };
		if (!channel_write(c))
			poll(&p, 1, -1);
	}
}
