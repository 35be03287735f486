/* SPDX-License-Identifier: GPL-2.0 */
/* Three of the models: blocking calls, polling, and multiplexing with epoll. */
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

#include "io_models.h"
#include "lab.h"

#define BROKEN_MS 500

int job_timeout_ms(const struct job *j)
{
	return j->broken ? BROKEN_MS : -1;
}

int job_left(const struct job *j)
{
	int left = 0;

	for (int i = 0; i < SENDERS; i++)
		left += !j->sources[i].over;
	return left;
}

bool source_took(struct source *s, ssize_t n)
{
	if (n < 0 && n != -EAGAIN && n != -EINTR) {
		errno = (int)-n;
		die_errno("cannot receive");
	}
	s->empty += n < 0;
	s->over |= !n;
	s->got += n > 0 ? (size_t)n : 0;
	if (s->got < sizeof(s->message))
		return n > 0;
	s->got = 0;
	if (s->message.number != s->received)
		die("a message is missing");
	s->received++;
	if (s->message.sent)
		latency_add(&s->latency, now_ns() - s->message.sent);
	return true;
}

bool source_receive(struct source *s)
{
	ssize_t n = recv(s->fd, (char *)&s->message + s->got, sizeof(s->message) - s->got, 0);

	s->calls++;
	return source_took(s, n < 0 ? -errno : n);
}

static bool nothing_to_prepare(struct job *j)
{
	(void)j;
	return true;
}

/* ---- blocking: a thread per source, which sleeps in recv() ---- */

static void *blocking_thread(void *arg)
{
	struct source *s = arg;

	while (!s->over)
		source_receive(s);
	return NULL;
}

static void blocking_receive(struct job *j)
{
	pthread_t threads[SENDERS];

	for (int i = 0; i < SENDERS; i++) {
		errno = pthread_create(&threads[i], NULL, blocking_thread, &j->sources[i]);
		if (errno)
			die_errno("cannot start a thread");
	}
	for (int i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
}

const struct model model_blocking = {
	.name = "blocking, a thread each",
	.key = "blocking",
	.blocking = true,
	.prepare = nothing_to_prepare,
	.receive = blocking_receive,
};

/* ---- polling: asks each in turn, and never sleeps ---- */

static void polling_receive(struct job *j)
{
	while (job_left(j))
		for (int i = 0; i < SENDERS; i++)
			if (!j->sources[i].over)
				source_receive(&j->sources[i]);
}

const struct model model_polling = {
	.name = "non-blocking, polling",
	.key = "polling",
	.prepare = nothing_to_prepare,
	.receive = polling_receive,
};

/* ---- multiplexing: one wait for all, then a recv() where it brings something ---- */

static bool epoll_prepare(struct job *j)
{
	j->epfd = lab_epoll("epoll");
	for (int i = 0; i < SENDERS; i++) {
		/* Broken: edge-triggered, and yet only one message is taken per event. */
		struct epoll_event ev = { .events = EPOLLIN | (j->broken ? EPOLLET : 0),
					  .data.ptr = &j->sources[i] };

		if (epoll_ctl(j->epfd, EPOLL_CTL_ADD, j->sources[i].fd, &ev))
			die_errno("cannot add a source");
	}
	return true;
}

/* A source at its end stays ready: it must go. */
static void epoll_event(struct job *j, struct source *s)
{
	source_receive(s);
	if (s->over)
		lab_del(j->epfd, s->fd);
}

static void epoll_receive(struct job *j)
{
	struct epoll_event events[SENDERS];

	while (job_left(j)) {
		int n = epoll_wait(j->epfd, events, SENDERS, job_timeout_ms(j));

		j->waits++;
		if (n < 0 && errno != EINTR)
			die_errno("epoll_wait failed");
		if (!n)
			return;
		for (int i = 0; i < n; i++)
			epoll_event(j, events[i].data.ptr);
		j->events += n > 0 ? n : 0;
	}
}

const struct model model_epoll = {
	.name = "multiplexing, epoll",
	.key = "epoll",
	.prepare = epoll_prepare,
	.receive = epoll_receive,
};
