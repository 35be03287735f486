/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One request in eight takes long. Server "blocked" handles it in its loop, and all others wait;
 * server "workers" hands each request to a pool of threads, and its loop goes on. Requests are one
 * byte: 'f' is answered at once, 's' at once with '.', and later again.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define CONNS   8 /* the first one asks for what takes long */
#define WORKERS 3
#define LEVEL   (EPOLLIN | EPOLLRDHUP)
#define ONESHOT (LEVEL | EPOLLONESHOT)

static int64_t rounds = 3, slow_ms = 400;

/* ---- the server ---- */

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	int fds[CONNS]; /* each connection is in it once at most: EPOLLONESHOT */
	int first, count;
	bool ended;
};

struct server {
	int epfd, open;
	int fds[CONNS];
	bool pool;
	struct queue queue;
};

/* The request of one connection, from its first byte to its answer. */
static void request_handle(int fd)
{
	char request;
	ssize_t n = read(fd, &request, 1);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != 1)
		die_errno("cannot read a request");
	if (request == 's') {
		lab_write(fd, 1);
		sleep_ns(slow_ms * NS_PER_MS);
	}
	lab_write(fd, 1);
}

/* The same, and from then on the connection is watched again. */
static void request_oneshot(struct server *s, int fd)
{
	request_handle(fd);
	lab_mod(s->epfd, fd, ONESHOT);
}

static void queue_put(struct queue *q, int fd)
{
	pthread_mutex_lock(&q->lock);
	q->fds[(q->first + q->count++) % CONNS] = fd;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

/* Sleeps until there is one. Returns -1 at the end. */
static int queue_take(struct queue *q)
{
	int fd = -1;

	pthread_mutex_lock(&q->lock);
	while (!q->count && !q->ended)
		pthread_cond_wait(&q->filled, &q->lock);
	if (q->count) {
		fd = q->fds[q->first];
		q->first = (q->first + 1) % CONNS;
		q->count--;
	}
	pthread_mutex_unlock(&q->lock);
	return fd;
}

static void queue_end(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	pthread_cond_broadcast(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

static void *worker(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = queue_take(&s->queue)) >= 0)
		request_oneshot(s, fd);
	return NULL;
}

/* EPOLLRDHUP says that no more will come; what came before may still be unread. */
static bool ended(int fd)
{
	char c;
	ssize_t n;

	do {
		n = recv(fd, &c, 1, MSG_PEEK);
	} while (n < 0 && errno == EINTR);
	return !n;
}

static void server_event(struct server *s, const struct epoll_event *ev)
{
	int fd = ev->data.fd;

	if ((ev->events & EPOLLRDHUP) && ended(fd)) {
		/* Closed when the threads have ended: until then none may meet the number anew. */
		lab_del(s->epfd, fd);
		if (shutdown(fd, SHUT_WR))
			die_errno("cannot shut down");
		s->open--;
	} else if (!s->pool) {
		request_handle(fd);
	} else if (lab_broken) {
		/* Broken: the threads are there, and the loop does the work. */
		request_oneshot(s, fd);
	} else {
		queue_put(&s->queue, fd);
	}
}

static void server_loop(struct server *s)
{
	struct epoll_event ev[2 * CONNS];

	while (s->open) {
		int n = epoll_wait(s->epfd, ev, ARRAY_SIZE(ev), -1);

		if (n < 0 && errno != EINTR)
			die_errno("epoll_wait failed");
		for (int i = 0; i < n; i++)
			server_event(s, &ev[i]);
	}
}

/* ---- the client: a thread with the other ends ---- */

struct client {
	int fds[CONNS];
	int64_t *took; /* of each short request */
	int64_t count, before;
};

static void request_send(int fd, char request)
{
	if (send(fd, &request, 1, MSG_NOSIGNAL) != 1)
		die_errno("cannot send a request");
}

/* Waits for all answers, and counts those that came before the long one. */
static void answers_take(struct client *c, int64_t begin)
{
	struct pollfd p[CONNS];
	int left = CONNS;
	bool slow_done = false;

	for (int i = 0; i < CONNS; i++)
		p[i] = (struct pollfd){ .fd = c->fds[i], .events = POLLIN };
	while (left) {
		if (poll(p, CONNS, -1) < 0 && errno != EINTR)
			die_errno("poll failed");
		for (int i = 0; i < CONNS; i++) {
			if (p[i].fd < 0 || !p[i].revents)
				continue;
			lab_read(p[i].fd, 1);
			p[i].fd = -1;
			left--;
			slow_done |= !i;
			c->before += !slow_done;
			if (i)
				c->took[c->count++] = now_ns() - begin;
		}
	}
}

/* Says that no more will come, and waits until the server has said the same. */
static void connection_end(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool eof = false;

	if (shutdown(fd, SHUT_WR))
		die_errno("cannot shut down");
	while (!eof) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			die_errno("poll failed");
		lab_drain(fd, &eof);
	}
	close(fd);
}

static void *client(void *arg)
{
	struct client *c = arg;

	for (int64_t i = 0; i < rounds; i++) {
		request_send(c->fds[0], 's');
		lab_read(c->fds[0], 1); /* it has begun */
		for (int k = 1; k < CONNS; k++)
			request_send(c->fds[k], 'f');
		answers_take(c, now_ns());
	}
	for (int i = 0; i < CONNS; i++)
		connection_end(c->fds[i]);
	return NULL;
}

static int order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* ---- both together ---- */

static void thread_start(pthread_t *t, void *(*run)(void *arg), void *arg)
{
	if (pthread_create(t, NULL, run, arg))
		die("cannot create a thread");
}

static void connections_open(struct server *s, struct client *c)
{
	for (int i = 0; i < CONNS; i++) {
		int fds[2];

		lab_socketpair(fds);
		c->fds[i] = fds[0];
		s->fds[i] = fds[1];
		lab_add(s->epfd, fds[1], s->pool ? ONESHOT : LEVEL);
		s->open++;
	}
}

static void say_latency(const char *name, struct client *c)
{
	qsort(c->took, (size_t)c->count, sizeof(c->took[0]), order);
	lab_say("%s: short requests took %.3f ms at least, %.3f in the middle, %.3f at most; "
		"%d of %d were done before the long one",
		name, (double)c->took[0] / 1e6, (double)c->took[c->count / 2] / 1e6,
		(double)c->took[c->count - 1] / 1e6, (int)c->before, (int)c->count);
}

/* Returns how many short requests were answered before the long one of their round. */
static int64_t server_case(const char *name, bool pool)
{
	struct server s = { .epfd = lab_epoll(name),
			    .pool = pool,
			    .queue = { .lock = PTHREAD_MUTEX_INITIALIZER,
				       .filled = PTHREAD_COND_INITIALIZER } };
	struct client c = { .took = calloc((size_t)rounds * CONNS, sizeof(*c.took)) };
	pthread_t workers[WORKERS], one;

	if (!c.took)
		die("out of memory");
	connections_open(&s, &c);
	for (int i = 0; pool && i < WORKERS; i++)
		thread_start(&workers[i], worker, &s);
	thread_start(&one, client, &c);
	server_loop(&s);
	pthread_join(one, NULL);
	queue_end(&s.queue);
	for (int i = 0; pool && i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	for (int i = 0; i < CONNS; i++)
		close(s.fds[i]);
	say_latency(name, &c);
	free(c.took);
	return c.before;
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "of a long request and short ones", 1, 100 },
		{ "slow-ms", OPT_NUM, &slow_ms, "MS", "that a long request takes", 1, 10000 },
		{ .name = NULL },
	};

	lab_init("A handler that takes long, in the loop and in a pool of threads.", own, argc,
		 argv);
	lab_number("rounds", rounds);
	lab_number("slow_ms", slow_ms);
	lab_number("conns", CONNS);
	lab_number("blocked_before", server_case("blocked", false));
	lab_number("workers_before", server_case("workers", true));
	lab_done();
	return 0;
}
