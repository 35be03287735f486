/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Super-server: one loop for several services, as inetd does it. Each service has a port and two
 * functions: what to do with a new connection, and with one that is ready.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arch.h"

struct service {
	int listener;
	/* What the connection is watched for from now on, or CONN_OVER. */
	enum conn_wants (*begin)(struct arch *a, struct conn *c);
	enum conn_wants (*ready)(struct arch *a, struct conn *c);
};

#define SERVICES 3

static enum conn_wants nothing_yet(struct arch *a, struct conn *c)
{
	(void)a, (void)c;
	return CONN_INPUT;
}

static enum conn_wants echo(struct arch *a, struct conn *c)
{
	return conn_echo(c, &a->served[0]);
}

/* RFC 867: the time, and that is all. */
static enum conn_wants daytime(struct arch *a, struct conn *c)
{
	time_t now = time(NULL);
	enum conn_wants wants;
	struct tm tm;

	(void)a;
	if (!c->len && gmtime_r(&now, &tm))
		c->len = strftime(c->buf, sizeof(c->buf), "%a %b %e %H:%M:%S %Y UTC\r\n", &tm);
	wants = conn_flush(c);
	return wants == CONN_INPUT ? CONN_OVER : wants;
}

/* RFC 863: throws away what comes. */
static enum conn_wants discard(struct arch *a, struct conn *c)
{
	enum conn_wants wants = conn_fill(c, sizeof(c->buf));

	a->discards++;
	a->discarded += (int64_t)c->len;
	c->len = 0;
	return wants;
}

/* Returns how many connections ended: 0 or 1. */
static int watch_on(int epfd, struct conn *c, enum conn_wants now, enum conn_wants wants)
{
	if (wants == CONN_OVER)
		conn_close(c);
	else if (wants != now)
		arch_watch(epfd, now ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, wants, c);
	return wants == CONN_OVER;
}

static int serve_new(struct arch *a, int epfd, struct service *s)
{
	struct conn *c = conn_accept(s->listener, SOCK_NONBLOCK);

	if (!c)
		return 0;
	c->owner = s;
	return watch_on(epfd, c, CONN_OVER, s->begin(a, c)); /* CONN_OVER: for nothing yet */
}

static int serve(struct arch *a, int epfd, struct conn *c)
{
	const struct service *s = c->owner;
	enum conn_wants now = c->len ? CONN_OUTPUT : CONN_INPUT;

	return watch_on(epfd, c, now, s->ready(a, c));
}

void arch_super(struct arch *a)
{
	struct service services[SERVICES] = {
		{ a->listener, nothing_yet, echo },
		{ a->daytime, daytime, daytime },
		{ a->discard, nothing_yet, discard },
	};
	int epfd = arch_epoll(a, "super"), left = SERVICES * a->connections;
	struct epoll_event events[ARCH_BATCH];

	a->workers = 1;
	for (int i = 0; i < SERVICES; i++)
		arch_watch(epfd, EPOLL_CTL_ADD, services[i].listener, EPOLLIN, &services[i]);
	arch_ready(a);
	while (left > 0) {
		int n = arch_wait(a, epfd, events, ARCH_BATCH);

		for (int i = 0; i < n; i++) {
			struct service *s = events[i].data.ptr;

			if (s >= services && s < services + SERVICES)
				left -= serve_new(a, epfd, s);
			else
				left -= serve(a, epfd, events[i].data.ptr);
		}
	}
}
