/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "load.h"
#include "util.h"

bool load_conn_wants_out(const struct load_thread *t, const struct load_conn *c)
{
	return c->sent < (size_t)t->cfg->size;
}

/* Send what is left of the message. Returns false if the connection is lost. */
static bool conn_send(struct load_thread *t, struct load_conn *c)
{
	size_t body = (size_t)t->cfg->size - 1;

	while (load_conn_wants_out(t, c)) {
		size_t pos = c->sent < body ? c->sent : body;
		struct iovec iov[] = {
			{ t->pattern->lower + c->phase + pos, body - pos },
			{ (char[]){ '\n' }, 1 },
		};
		struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
		ssize_t n = sendmsg(c->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		c->sent += (size_t)n;
		load_count(&t->counts, L_BYTES_SENT, (uint64_t)n);
	}
	load_count(&t->counts, L_MESSAGES_SENT, 1);
	return true;
}

bool load_conn_begin(struct load_thread *t, struct load_conn *c)
{
	c->phase = (int)((uint64_t)(c - t->conns) + c->messages * 7) % 26;
	c->sent = 0;
	c->received = 0;
	c->wrong = false;
	c->begun_at = now_ns();
	return conn_send(t, c);
}

/* Compare the next n bytes of the echo with what has to come. */
static bool echo_right(const struct load_thread *t, const struct load_conn *c, size_t n)
{
	size_t body = (size_t)t->cfg->size - 1, head;

	if (c->received + n > body + 1)
		return false;
	head = c->received + n > body ? body - c->received : n;
	return !memcmp(t->buf, t->pattern->upper + c->phase + c->received, head) &&
	       (head == n || t->buf[head] == '\n');
}

static int conn_receive(struct load_thread *t, struct load_conn *c)
{
	ssize_t n;

	do {
		n = recv(c->fd, t->buf, LOAD_BUF, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	load_count(&t->counts, L_BYTES_RECEIVED, (uint64_t)n);
	if (!echo_right(t, c, (size_t)n))
		c->wrong = true;
	c->received += (size_t)n;
	if (c->received < (size_t)t->cfg->size)
		return 0;
	latency_add(&t->latency, now_ns() - c->begun_at);
	load_count(&t->counts, L_MESSAGES_ECHOED, 1);
	load_count(&t->counts, L_MISMATCHES, c->wrong);
	c->messages++;
	return 1;
}

int load_conn_go_on(struct load_thread *t, struct load_conn *c, short revents)
{
	if (revents & POLLOUT && load_conn_wants_out(t, c) && !conn_send(t, c))
		return -1;
	return revents & (POLLIN | POLLERR | POLLHUP) ? conn_receive(t, c) : 0;
}
