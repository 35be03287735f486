/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"
#include "util.h"

/*
 * A connection, one for each descriptor number and never freed while the workers run: on a shared
 * instance two threads may hold events of the same connection, and one may close it. The lock
 * makes the second wait, the generation tells it that its event is stale.
 */
struct conn {
	pthread_mutex_t lock;
	int fd; /* -1: closed */
	uint32_t generation;
	struct instance *in;
	uint32_t mask;
	char *out; /* what could not be written yet, or NULL */
	size_t out_len, out_pos;
	int64_t messages;
};

struct conn_table {
	int64_t limit;
	_Atomic(struct conn *) *slots;
};

struct conn_table *conn_table_new(int64_t limit)
{
	struct conn_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->limit = limit;
	table->slots = calloc((size_t)limit, sizeof(*table->slots));
	if (!table->slots) {
		free(table);
		return NULL;
	}
	return table;
}

/* The connection of this descriptor. Only its owner, who just accepted it, can find no slot. */
static struct conn *conn_slot(struct conn_table *table, int fd)
{
	struct conn *c;

	if (fd >= table->limit)
		return NULL;
	c = atomic_load(&table->slots[fd]);
	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	c->fd = -1;
	atomic_store(&table->slots[fd], c);
	return c;
}

static uint32_t conn_mask(const struct config *cfg, bool out)
{
	return (out ? EPOLLOUT : EPOLLIN) | (cfg->mode == MODE_ET ? (uint32_t)EPOLLET : 0) |
	       (cfg->oneshot ? EPOLLONESHOT : 0);
}

static uint64_t conn_data(const struct conn *c)
{
	return (uint64_t)c->generation << 32 | (uint32_t)c->fd;
}

void conn_open(struct worker *w, int fd)
{
	struct conn *c = conn_slot(w->srv->conns, fd);

	if (!c) {
		truth_add(&w->truth, T_CONN_ERRORS, 1);
		close(fd);
		return;
	}
	pthread_mutex_lock(&c->lock);
	c->fd = fd;
	c->generation++; /* from 1: generation 0 is the listener */
	c->in = w->in;
	c->mask = conn_mask(&w->srv->cfg, false);
	c->messages = 0;
	if (instance_ctl(c->in, &w->truth, EPOLL_CTL_ADD, fd, c->mask, conn_data(c))) {
		truth_add(&w->truth, T_CONN_ERRORS, 1);
		c->fd = -1;
		close(fd);
	}
	pthread_mutex_unlock(&c->lock);
}

/* Called with the lock held, or with all workers joined. */
static void conn_close(struct conn *c, struct truth *t, bool explicit_del)
{
	int fd = c->fd;

	free(c->out);
	c->out = NULL;
	c->fd = -1;
	truth_add(t, T_CLOSES, 1);
	if (explicit_del && !instance_ctl(c->in, t, EPOLL_CTL_DEL, fd, 0, 0))
		close(fd);
	else
		instance_close_fd(c->in, t, fd);
}

void conn_table_free(struct conn_table *table)
{
	for (int64_t i = 0; i < table->limit; i++) {
		struct conn *c = table->slots[i];

		if (!c)
			continue;
		if (c->fd >= 0)
			conn_close(c, &c->in->control, false);
		pthread_mutex_destroy(&c->lock);
		free(c);
	}
	free(table->slots);
	free(table);
}

/* Send until all is gone or the socket is full. Returns what was sent, or -1 on error. */
static ssize_t send_some(struct worker *w, int fd, const char *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = send(fd, buf + done, len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	truth_add(&w->truth, T_BYTES_OUT, done);
	return (ssize_t)done;
}

/* Write, and keep what did not fit. Returns false if the connection is broken. */
static bool conn_write(struct worker *w, struct conn *c, const char *buf, size_t len)
{
	ssize_t sent = send_some(w, c->fd, buf, len);

	if (sent < 0)
		return false;
	if ((size_t)sent == len)
		return true;
	c->out_len = len - (size_t)sent;
	c->out_pos = 0;
	c->out = malloc(c->out_len);
	if (!c->out)
		return false;
	memcpy(c->out, buf + sent, c->out_len);
	return true;
}

/* Write what was kept. Returns false if the connection is broken. */
static bool conn_flush(struct worker *w, struct conn *c)
{
	ssize_t sent;

	if (!c->out)
		return true;
	sent = send_some(w, c->fd, c->out + c->out_pos, c->out_len - c->out_pos);
	if (sent < 0)
		return false;
	c->out_pos += (size_t)sent;
	if (c->out_pos == c->out_len) {
		free(c->out);
		c->out = NULL;
	}
	return true;
}

/* Upper case in place. Returns the number of messages, each ended by a newline. */
static int64_t buf_upper(char *buf, size_t len)
{
	int64_t lines = 0;

	for (size_t i = 0; i < len; i++) {
		if (buf[i] >= 'a' && buf[i] <= 'z')
			buf[i] = (char)(buf[i] - 'a' + 'A');
		lines += buf[i] == '\n';
	}
	return lines;
}

/* Echo one read. Returns 1 to go on, 0 when the socket is empty, -1 to close the connection. */
static int conn_echo(struct worker *w, struct conn *c)
{
	const struct config *cfg = &w->srv->cfg;
	ssize_t n = read(c->fd, w->buf, (size_t)cfg->read_size);
	int64_t lines;

	if (n < 0 && errno == EINTR)
		return 1;
	if (n < 0 && errno == EAGAIN) {
		truth_add(&w->truth, T_READ_EAGAIN, 1);
		return 0;
	}
	if (n < 0)
		truth_add(&w->truth, T_CONN_ERRORS, 1);
	if (n <= 0)
		return -1;
	lines = buf_upper(w->buf, (size_t)n);
	truth_add(&w->truth, T_BYTES_IN, (uint64_t)n);
	truth_add(&w->truth, T_MESSAGES, (uint64_t)lines);
	c->messages += lines;
	if (!conn_write(w, c, w->buf, (size_t)n)) {
		truth_add(&w->truth, T_CONN_ERRORS, 1);
		return -1;
	}
	return cfg->close_after && c->messages >= cfg->close_after && !c->out ? -1 : 1;
}

/* Returns false if the connection shall be closed. */
static bool conn_serve(struct worker *w, struct conn *c)
{
	bool was_full = c->out;
	int more = 1;

	if (!conn_flush(w, c)) {
		truth_add(&w->truth, T_CONN_ERRORS, 1);
		return false;
	}
	if (was_full && !c->out && w->srv->cfg.close_after &&
	    c->messages >= w->srv->cfg.close_after)
		return false;
	/* While output waits nothing is read: the peer is slowed down, memory stays bounded. */
	while (!c->out && more > 0) {
		more = conn_echo(w, c);
		if (w->srv->cfg.mode == MODE_LT && more > 0)
			break;
	}
	return more >= 0;
}

/* Ask for EPOLLOUT only while output waits; EPOLLONESHOT has to be armed again each time. */
static bool conn_rearm(struct worker *w, struct conn *c)
{
	uint32_t mask = conn_mask(&w->srv->cfg, c->out);

	if (mask == c->mask && !w->srv->cfg.oneshot)
		return true;
	c->mask = mask;
	/* ep_modify() polls the file again, so an edge that came meanwhile is not lost. */
	return !instance_ctl(c->in, &w->truth, EPOLL_CTL_MOD, c->fd, mask, conn_data(c));
}

void conn_handle(struct worker *w, uint64_t data)
{
	struct conn *c = conn_slot(w->srv->conns, (int)(uint32_t)data);

	pthread_mutex_lock(&c->lock);
	if (c->fd < 0 || c->generation != data >> 32) {
		truth_add(&w->truth, T_STALE_EVENTS, 1);
	} else if (!conn_serve(w, c)) {
		conn_close(c, &w->truth, w->srv->cfg.explicit_del);
	} else if (!conn_rearm(w, c)) {
		truth_add(&w->truth, T_CONN_ERRORS, 1);
		conn_close(c, &w->truth, w->srv->cfg.explicit_del);
	}
	pthread_mutex_unlock(&c->lock);
}
