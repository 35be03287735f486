/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When exactly an edge-triggered item fires. Each case has an instance of its own and is played many
 * times, with new files each time. A look is an epoll_wait that does not sleep: what was to happen
 * has happened before it, by the same thread.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define MIXED (-1)

struct when {
	const char *name;
	void (*play)(struct when *w);
	int epfd;
	uint32_t last; /* what the last look that saw something saw */
	int64_t mask;  /* the same of all rounds, or MIXED */
};

static int64_t rounds = 20;

static void look(struct when *w)
{
	uint32_t revents = lab_wait_one(w->epfd, 0);

	w->last = revents ? revents : w->last;
}

/* Broken: the flag was forgotten. */
static void add(const struct when *w, int fd, uint32_t events)
{
	lab_add(w->epfd, fd, events | (lab_broken ? 0 : EPOLLET));
}

static void both_close(const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

/* Until there is no more room in the buffer. */
static void fill(int fd)
{
	static const char zeros[4096];
	ssize_t n;

	do {
		n = write(fd, zeros, sizeof(zeros));
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (errno != EAGAIN)
		die_errno("cannot fill a socket");
}

/* ---- the cases: the first descriptor is the one that is watched ---- */

static void registered(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	lab_write(fds[1], 1);
	add(w, fds[0], EPOLLIN);
	look(w);
	look(w);
	both_close(fds);
}

static void modified(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN);
	lab_write(fds[1], 1);
	look(w);
	look(w);
	lab_mod(w->epfd, fds[0], EPOLLIN | (lab_broken ? 0 : EPOLLET));
	look(w);
	look(w);
	both_close(fds);
}

static void first_data(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN);
	look(w);
	lab_write(fds[1], 1);
	look(w);
	look(w);
	both_close(fds);
}

static void more_data(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN);
	lab_write(fds[1], 1);
	look(w);
	lab_write(fds[1], 1);
	look(w);
	look(w);
	both_close(fds);
}

static void partial_read(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN);
	lab_write(fds[1], 2);
	look(w);
	lab_read(fds[0], 1);
	look(w);
	both_close(fds);
}

/* Two writes before anybody looks: one event. */
static void two_writes(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN);
	lab_write(fds[1], 1);
	lab_write(fds[1], 1);
	look(w);
	look(w);
	both_close(fds);
}

static void room(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	fill(fds[0]);
	add(w, fds[0], EPOLLOUT);
	look(w);
	lab_drain(fds[1], NULL);
	look(w);
	look(w);
	both_close(fds);
}

/* The peer reads, and the buffer was never full. */
static void never_full(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLOUT);
	look(w);
	lab_write(fds[0], 1);
	look(w);
	lab_read(fds[1], 1);
	look(w);
	look(w);
	both_close(fds);
}

static void tcp_pair(int fds[2])
{
	uint16_t port;
	int listener = lab_listen(&port, 1);

	fds[1] = lab_connect(port);
	/* connect() may return before the listener has got the last packet of the handshake. */
	while ((fds[0] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0)
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			die_errno("cannot accept");
	close(listener);
}

static void tcp_never_full(struct when *w)
{
	int fds[2];

	tcp_pair(fds);
	add(w, fds[0], EPOLLOUT);
	look(w);
	lab_write(fds[0], 1);
	lab_read(fds[1], 1);
	lab_write(fds[1], 1);
	lab_read(fds[0], 1); /* it brought the acknowledgement of the first one with it */
	look(w);
	both_close(fds);
}

/* Only data is new, but the mask says all that is so. */
static void all_that_is(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN | EPOLLOUT);
	look(w);
	lab_write(fds[1], 1);
	look(w);
	look(w);
	both_close(fds);
}

static void both_at_once(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	fill(fds[0]);
	add(w, fds[0], EPOLLIN | EPOLLOUT);
	look(w);
	lab_drain(fds[1], NULL);
	lab_write(fds[1], 1);
	look(w);
	look(w);
	both_close(fds);
}

static void half_close(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN | EPOLLRDHUP);
	if (shutdown(fds[1], SHUT_WR))
		die_errno("cannot shut down a socket");
	look(w);
	look(w);
	both_close(fds);
}

static void peer_close(struct when *w)
{
	int fds[2];

	lab_socketpair(fds);
	add(w, fds[0], EPOLLIN | EPOLLRDHUP);
	close(fds[1]);
	look(w);
	look(w);
	close(fds[0]);
}

/* Of a pipe; nothing is asked for. */
static void writer_close(struct when *w)
{
	int fds[2];

	lab_pipe(fds);
	add(w, fds[0], 0);
	close(fds[1]);
	look(w);
	look(w);
	close(fds[0]);
}

static void reader_close(struct when *w)
{
	int fds[2];

	lab_pipe(fds);
	add(w, fds[1], 0);
	close(fds[0]);
	look(w);
	look(w);
	close(fds[1]);
}

static struct when cases[] = {
	{ .name = "registered", .play = registered },
	{ .name = "modified", .play = modified },
	{ .name = "first_data", .play = first_data },
	{ .name = "more_data", .play = more_data },
	{ .name = "partial_read", .play = partial_read },
	{ .name = "two_writes", .play = two_writes },
	{ .name = "room", .play = room },
	{ .name = "never_full", .play = never_full },
	{ .name = "tcp_never_full", .play = tcp_never_full },
	{ .name = "all_that_is", .play = all_that_is },
	{ .name = "both_at_once", .play = both_at_once },
	{ .name = "half_close", .play = half_close },
	{ .name = "peer_close", .play = peer_close },
	{ .name = "writer_close", .play = writer_close },
	{ .name = "reader_close", .play = reader_close },
};

static void play(struct when *w)
{
	char key[48];

	w->epfd = lab_epoll(w->name);
	for (int64_t i = 0; i < rounds; i++) {
		w->last = 0;
		w->play(w);
		w->mask = !i || w->mask == w->last ? (int64_t)w->last : MIXED;
	}
	snprintf(key, sizeof(key), "%s_mask", w->name);
	lab_number(key, w->mask);
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "of each case", 1, 10000 },
		{ .name = NULL },
	};

	lab_init("When exactly an edge-triggered item fires.", own, argc, argv);
	lab_number("rounds", rounds);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		play(&cases[i]);
		lab_pace();
	}
	lab_hold();
	lab_done();
	return 0;
}
