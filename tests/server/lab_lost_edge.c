/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clients send a request each and wait for the answer. Two servers watch their ends with EPOLLET:
 * one reads a buffer full per event, the other until EAGAIN. A request is larger than the buffer, so
 * the first server never sees the rest of it, and server and clients wait for each other.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lab.h"

#define BUFFER  1024
#define REQUEST (4 * BUFFER)
#define CLIENTS 20
#define WAVES   2 /* requests of a client; it does not wait for the answer to the one before */
#define BATCH   8
#define IDLE_MS 200 /* nothing for so long: nothing more comes */

struct conn {
	int server, client; /* the two ends; server -1: the client went away */
	size_t got;         /* bytes of a request that is not complete yet */
};

struct site {
	const char *name;
	bool until_eagain;
	int epfd, clients_epfd;
	struct conn conns[CLIENTS];
	int64_t answered;
};

static void watch(int epfd, int fd, uint32_t events, struct conn *conn)
{
	struct epoll_event ev = { .events = events, .data.ptr = conn };

	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev))
		die_errno("epoll_ctl failed");
}

static void site_open(struct site *s, const char *name, const char *clients_name)
{
	s->name = name;
	s->epfd = lab_epoll(name);
	s->clients_epfd = lab_epoll(clients_name);
	for (int i = 0; i < CLIENTS; i++) {
		struct conn *c = &s->conns[i];
		int fds[2];

		lab_socketpair(fds);
		c->server = fds[0];
		c->client = fds[1];
		watch(s->epfd, c->server, EPOLLIN | EPOLLET, c);
		watch(s->clients_epfd, c->client, EPOLLIN, c);
	}
}

/* Returns what read() does, but never -1 with EINTR. */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		die_errno("cannot read");
	return n;
}

/* The event of one connection: what has arrived is read, and complete requests are answered. */
static void serve(struct site *s, struct conn *c)
{
	char buf[BUFFER];
	ssize_t n;

	do {
		n = read_some(c->server, buf, sizeof(buf));
		if (n < 0)
			return; /* EAGAIN: empty, the next byte is a new edge */
		/* The client went away; close() takes the item off, too. */
		if (!n) {
			close(c->server);
			c->server = -1;
			return;
		}
		c->got += (size_t)n;
		for (; c->got >= REQUEST; c->got -= REQUEST) {
			lab_write(c->server, 1);
			s->answered++;
		}
	} while (s->until_eagain);
}

/* Events are handled until none comes for a while. handle gets each connection. */
static void loop(struct site *s, int epfd, void (*handle)(struct site *s, struct conn *c))
{
	struct epoll_event ev[BATCH];
	int n;

	do {
		n = epoll_wait(epfd, ev, BATCH, IDLE_MS);
		if (n < 0 && errno != EINTR)
			die_errno("epoll_wait failed");
		for (int i = 0; i < n; i++)
			handle(s, ev[i].data.ptr);
	} while (n);
}

static void take_answer(struct site *s, struct conn *c)
{
	(void)s;
	lab_drain(c->client, NULL);
}

static void site_wave(struct site *s)
{
	for (int i = 0; i < CLIENTS; i++)
		lab_write(s->conns[i].client, REQUEST);
	loop(s, s->epfd, serve);
	loop(s, s->clients_epfd, take_answer);
}

/* Bytes that lie in the sockets' receive buffers, unread. */
static int64_t site_left(const struct site *s)
{
	int64_t all = 0;
	int n;

	for (int i = 0; i < CLIENTS; i++) {
		if (s->conns[i].server < 0)
			continue;
		if (ioctl(s->conns[i].server, FIONREAD, &n))
			die_errno("FIONREAD failed");
		all += n;
	}
	return all;
}

static void site_run(struct site *s)
{
	for (int i = 0; i < WAVES; i++) {
		site_wave(s);
		lab_pace();
	}
	lab_say("%s: %d requests of %d bytes; %lld answered, %lld bytes lie unread", s->name,
		CLIENTS * WAVES, REQUEST, (long long)s->answered, (long long)site_left(s));
}

/* The instances end before the connections do, whose end would be one more callback. */
static void site_close(const struct site *s)
{
	close(s->epfd);
	close(s->clients_epfd);
}

int main(int argc, char **argv)
{
	static struct site hangs, cured;

	lab_init("An edge-triggered reader that stops before EAGAIN, and one that does not.", NULL,
		 argc, argv);
	lab_number("clients", CLIENTS);
	lab_number("waves", WAVES);
	lab_number("request", REQUEST);
	lab_number("buffer", BUFFER);
	lab_number("idle_ms", IDLE_MS);
	site_open(&hangs, "hangs", "hangs-clients");
	site_open(&cured, "cured", "cured-clients");
	/* Broken: the cure stops early, too. */
	cured.until_eagain = !lab_broken;
	site_run(&hangs);
	site_run(&cured);
	lab_number("hangs_left", site_left(&hangs));
	lab_number("cured_left", site_left(&cured));
	site_close(&hangs);
	site_close(&cured);
	lab_done();
	return 0;
}
