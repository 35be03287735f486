/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "util.h"

static void idle_push(struct load_thread *t, int conn)
{
	t->idle[(t->idle_head + t->idle_count++) % t->conn_count] = conn;
}

static int idle_pop(struct load_thread *t)
{
	int conn = t->idle[t->idle_head];

	t->idle_head = (t->idle_head + 1) % t->conn_count;
	t->idle_count--;
	return conn;
}

static void conn_lost(struct load_thread *t, struct load_conn *c)
{
	load_count(&t->counts, L_ERRORS, 1);
	load_count(&t->counts, L_UNANSWERED, 1);
	close(c->fd);
	c->fd = -1;
}

static void conn_reconnect(struct load_thread *t, struct load_conn *c)
{
	close(c->fd);
	c->fd = addr_connect(t->addr);
	if (c->fd < 0) {
		load_count(&t->counts, L_ERRORS, 1);
		return;
	}
	addr_set_nodelay(c->fd);
	load_count(&t->counts, L_CONNECTIONS, 1);
}

/* How many messages may be begun now. */
static int64_t messages_due(const struct load_thread *t, int64_t elapsed)
{
	int64_t left = t->count - t->begun, due;

	if (t->rate <= 0)
		return left;
	/* The first message is due at once. */
	due = 1 + (int64_t)(t->rate * (double)elapsed / NS_PER_S) - t->begun;
	return due < left ? due : left;
}

static void messages_begin(struct load_thread *t, int64_t due)
{
	for (; due > 0 && t->idle_count; due--) {
		int conn = idle_pop(t);
		struct load_conn *c = &t->conns[conn];

		t->begun++;
		t->last_progress = now_ns();
		if (!load_conn_begin(t, c)) {
			conn_lost(t, c);
			continue;
		}
		t->polls[t->poll_count].fd = c->fd;
		t->polls[t->poll_count].revents = 0;
		t->poll_conn[t->poll_count++] = conn;
	}
}

/* Take the message at this place of the poll array off it. */
static void message_end(struct load_thread *t, int place, bool lost)
{
	int conn = t->poll_conn[place];
	struct load_conn *c = &t->conns[conn];
	int64_t every = t->cfg->reconnect_after;

	t->polls[place] = t->polls[--t->poll_count];
	t->poll_conn[place] = t->poll_conn[t->poll_count];
	if (lost)
		conn_lost(t, c);
	else if (every && c->messages % (uint64_t)every == 0)
		conn_reconnect(t, c);
	if (c->fd >= 0)
		idle_push(t, conn);
}

static void polls_handle(struct load_thread *t)
{
	/* Backwards: message_end() moves the last entry, already handled, into the gap. */
	for (int i = t->poll_count - 1; i >= 0; i--) {
		int res;

		if (!t->polls[i].revents)
			continue;
		t->last_progress = now_ns();
		res = load_conn_go_on(t, &t->conns[t->poll_conn[i]], t->polls[i].revents);
		if (res)
			message_end(t, i, res < 0);
	}
}

/* Wait for echoes, at most until the next message is due or the deadline. */
static void polls_wait(struct load_thread *t, int64_t start, int64_t deadline, bool sending)
{
	int64_t now = now_ns(), until = now + 100 * NS_PER_MS;
	struct timespec ts;

	if (sending && t->idle_count && t->rate > 0) {
		int64_t next = start + (int64_t)((double)t->begun * NS_PER_S / t->rate);

		until = next < until ? next : until;
	}
	if (sending && deadline < until)
		until = deadline;
	until = until > now ? until - now : 0;
	ts = (struct timespec){ .tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S };
	for (int i = 0; i < t->poll_count; i++)
		t->polls[i].events =
			POLLIN | (load_conn_wants_out(t, &t->conns[t->poll_conn[i]]) ? POLLOUT : 0);
	if (ppoll(t->polls, (nfds_t)t->poll_count, &ts, NULL) < 0 && errno != EINTR)
		die_errno("poll failed");
}

static void thread_loop(struct load_thread *t)
{
	int64_t start = now_ns();
	int64_t deadline = t->cfg->duration_ns ? start + t->cfg->duration_ns : INT64_MAX;

	for (;;) {
		int64_t now = now_ns();
		bool alive = t->poll_count + t->idle_count > 0 || !t->conn_count;
		bool sending = now < deadline && t->begun < t->count && !atomic_load(t->stop);

		if (!t->poll_count && (!sending || !alive))
			return;
		if (sending)
			messages_begin(t, messages_due(t, now - start));
		polls_wait(t, start, deadline, sending);
		polls_handle(t);
		if (t->poll_count && now_ns() - t->last_progress > t->cfg->grace_ns) {
			load_count(&t->counts, L_UNANSWERED, (uint64_t)t->poll_count);
			return;
		}
	}
}

void *load_thread_run(void *arg)
{
	struct load_thread *t = arg;
	size_t n = (size_t)t->conn_count + 1;

	t->idle = calloc(n, sizeof(*t->idle));
	t->polls = calloc(n, sizeof(*t->polls));
	t->poll_conn = calloc(n, sizeof(*t->poll_conn));
	t->buf = malloc(LOAD_BUF);
	if (!t->idle || !t->polls || !t->poll_conn || !t->buf)
		die("out of memory; ask for fewer connections");
	for (int i = 0; i < t->conn_count; i++) {
		if (t->conns[i].fd >= 0)
			idle_push(t, i);
	}
	thread_loop(t);
	free(t->idle);
	free(t->polls);
	free(t->poll_conn);
	free(t->buf);
	atomic_store(&t->done, true);
	return NULL;
}
