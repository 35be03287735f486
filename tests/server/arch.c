/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arch.h"
#include "lab.h"

#ifdef __SANITIZE_THREAD__
/* Whoever gets the event may close the descriptor before this call has returned. The kernel knows how
 * to do that; ThreadSanitizer takes it for a race, unless it does not see the call. */
#include <sys/syscall.h>
#define epoll_ctl(epfd, op, fd, ev)                                            \
	((op) == EPOLL_CTL_MOD ? (int)syscall(SYS_epoll_ctl, epfd, op, fd, ev) \
			       : epoll_ctl(epfd, op, fd, ev))
#endif

/* A descriptor that is given up when there is no other for a connection; -1: none. */
static int reserve = -1;
static pthread_mutex_t reserve_lock = PTHREAD_MUTEX_INITIALIZER;

/* With the lock held. */
static void reserve_take(void)
{
	if (reserve < 0)
		reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void arch_ready(struct arch *a)
{
	pthread_mutex_lock(&reserve_lock);
	reserve_take();
	pthread_mutex_unlock(&reserve_lock);
	close(a->gate[1]);
}

int arch_epoll(struct arch *a, const char *name)
{
	int epfd = lab_epoll(name);

	a->epfds[a->nepfds++] = epfd;
	return epfd;
}

void arch_watch(int epfd, int op, int fd, uint32_t events, void *data)
{
	struct epoll_event ev = { .events = events, .data.ptr = data };

	if (epoll_ctl(epfd, op, fd, &ev))
		die_errno("epoll_ctl(%d, %d, %d) failed", epfd, op, fd);
}

int arch_wait(struct arch *a, int epfd, struct epoll_event *events, int max)
{
	int n = epoll_wait(epfd, events, max, -1);

	if (n < 0 && errno != EINTR)
		die_errno("epoll_wait failed");
	a->waits++;
	a->delivered += n > 0 ? n : 0;
	return n > 0 ? n : 0;
}

/* Gone while it was queued, or nothing is there. */
static bool none_there(void)
{
	return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
}

static bool no_descriptor(void)
{
	return errno == EMFILE || errno == ENFILE;
}

/*
 * Takes the connection and closes it: left in the queue it would make the listener ready for ever.
 * Without the lock another thread would get the descriptor first. Where that happens all the same
 * (a file is opened, ENFILE), the connection stays for the next time.
 */
static void refuse(int listener)
{
	int fd;

	pthread_mutex_lock(&reserve_lock);
	if (reserve >= 0)
		close(reserve);
	reserve = -1;
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	else if (!none_there() && !no_descriptor())
		die_errno("cannot refuse a connection");
	reserve_take();
	pthread_mutex_unlock(&reserve_lock);
}

struct conn *conn_accept(int listener, int flags)
{
	int fd = accept4(listener, NULL, NULL, flags | SOCK_CLOEXEC), on = 1;
	struct conn *c;

	if (fd < 0 && no_descriptor())
		refuse(listener);
	else if (fd < 0 && !none_there())
		die_errno("cannot accept");
	if (fd < 0)
		return NULL;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		die_errno("cannot set TCP_NODELAY");
	c = calloc(1, sizeof(*c));
	if (!c)
		die("out of memory");
	c->fd = fd;
	return c;
}

void conn_close(struct conn *c)
{
	close(c->fd);
	free(c);
}

void conn_take(struct conn *c)
{
	if (atomic_exchange(&c->busy, true))
		die("two threads have the same connection");
}

void conn_arm(int epfd, int op, struct conn *c, enum conn_wants wants)
{
	int fd = c->fd;

	atomic_store(&c->busy, false);
	arch_watch(epfd, op, fd, wants | EPOLLONESHOT, c);
}

enum conn_wants conn_fill(struct conn *c, size_t most)
{
	ssize_t n;

	do {
		n = recv(c->fd, c->buf + c->len, most - c->len, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? CONN_INPUT : CONN_OVER;
	c->len += (size_t)n;
	return n ? CONN_INPUT : CONN_OVER;
}

enum conn_wants conn_flush(struct conn *c)
{
	ssize_t n;

	while (c->done < c->len) {
		n = send(c->fd, c->buf + c->done, c->len - c->done, MSG_NOSIGNAL);
		if (n >= 0)
			c->done += (size_t)n;
		else if (errno != EINTR)
			return errno == EAGAIN ? CONN_OUTPUT : CONN_OVER;
	}
	c->len = c->done = 0;
	return CONN_INPUT;
}

enum conn_wants conn_echo(struct conn *c, _Atomic int64_t *served)
{
	enum conn_wants wants = CONN_INPUT;

	if (!c->len) {
		wants = conn_fill(c, sizeof(c->buf));
		*served += (int64_t)c->len;
	}
	return wants == CONN_OVER ? CONN_OVER : conn_flush(c);
}

void queue_init(struct queue *q)
{
	*q = (struct queue){ .tail = &q->head };
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->filled, NULL);
}

void queue_free(struct queue *q)
{
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->filled);
}

void queue_put(struct queue *q, struct conn *c)
{
	c->next = NULL;
	pthread_mutex_lock(&q->lock);
	*q->tail = c;
	q->tail = &c->next;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

/* With the lock held. */
static struct conn *take(struct queue *q)
{
	struct conn *c = q->head;

	if (c)
		q->head = c->next;
	if (!q->head)
		q->tail = &q->head;
	return c;
}

struct conn *queue_get(struct queue *q)
{
	struct conn *c;

	pthread_mutex_lock(&q->lock);
	while (!q->head && !q->ended)
		pthread_cond_wait(&q->filled, &q->lock);
	c = take(q);
	pthread_mutex_unlock(&q->lock);
	return c;
}

struct conn *queue_try(struct queue *q)
{
	struct conn *c;

	pthread_mutex_lock(&q->lock);
	c = take(q);
	pthread_mutex_unlock(&q->lock);
	return c;
}

void queue_end(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	pthread_cond_broadcast(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

void worker_start(struct worker *w, int index, struct arch *a, void *shared, void *(*run)(void *))
{
	*w = (struct worker){ .arch = a, .shared = shared, .index = index };
	errno = pthread_create(&w->thread, NULL, run, w);
	if (errno)
		die_errno("cannot start a thread");
}

void workers_start(struct worker *w, int count, struct arch *a, void *shared, void *(*run)(void *))
{
	a->workers = count;
	for (int i = 0; i < count; i++)
		worker_start(&w[i], i, a, shared, run);
}

void workers_join(struct worker *w, int count)
{
	for (int i = 0; i < count; i++)
		pthread_join(w[i].thread, NULL);
}

int bell_new(void)
{
	int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (bell < 0)
		die_errno("cannot create an eventfd");
	return bell;
}

void bell_ring(int bell)
{
	if (eventfd_write(bell, 1))
		die_errno("cannot write to an eventfd");
}
