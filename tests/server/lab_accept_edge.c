/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two servers with an edge-triggered listener. Many clients connect at once, then some more one by
 * one. One server accepts once per event, the other until EAGAIN. The first leaves the others of the
 * crowd in the accept queue, and each late client brings in one of those instead of itself.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define CROWD     20
#define LATE      5
#define IDLE_MS   50
#define ARRIVE_MS 10000
/* Longer than the kernel's way from the accept queue's count to the callback. */
#define SETTLE_NS (50 * NS_PER_MS)

struct server {
	const char *name;
	bool until_eagain;
	int epfd, listener;
	uint16_t port;
	int64_t accepted;
};

static void server_open(struct server *s, const char *name)
{
	s->name = name;
	s->epfd = lab_epoll(name);
	s->listener = lab_listen(&s->port, CROWD + LATE);
	lab_add(s->epfd, s->listener, EPOLLIN | EPOLLET);
}

/* Connections that are made and wait for accept(): of a listener tcpi_unacked is sk_ack_backlog. */
static int64_t queue_len(const struct server *s)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(s->listener, IPPROTO_TCP, TCP_INFO, &info, &len))
		die_errno("TCP_INFO failed");
	return info.tcpi_unacked;
}

/* Their end of the connections stays open until the program ends. */
static void clients_come(const struct server *s, int n)
{
	for (int i = 0; i < n; i++)
		lab_connect(s->port);
}

/* connect() may return before the listener has got the last packet of the handshake. */
static void queue_await(const struct server *s, int64_t len)
{
	int64_t end = now_ns() + ARRIVE_MS * NS_PER_MS;

	while (queue_len(s) < len) {
		if (now_ns() > end)
			die("%s: only %d connections arrived", s->name, (int)queue_len(s));
		sleep_ns(NS_PER_MS);
	}
	sleep_ns(SETTLE_NS);
}

/* Takes one connection into the server's set. Returns whether there was one. */
static bool accept_one(struct server *s)
{
	int fd;

	do
		fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0 && errno != EAGAIN)
		die_errno("cannot accept");
	if (fd < 0)
		return false;
	lab_add(s->epfd, fd, EPOLLIN);
	s->accepted++;
	return true;
}

/* The listener's events until none comes any more; the first one is waited for. */
static void serve(struct server *s)
{
	int timeout_ms = ARRIVE_MS;

	while (lab_wait_one(s->epfd, timeout_ms)) {
		while (accept_one(s) && s->until_eagain)
			;
		timeout_ms = IDLE_MS;
	}
}

static void server_run(struct server *s)
{
	clients_come(s, CROWD);
	queue_await(s, CROWD);
	serve(s);
	lab_say("%s: %d clients came at once; %lld accepted, %lld left in the queue", s->name,
		CROWD, (long long)s->accepted, (long long)queue_len(s));
	for (int i = 0; i < LATE; i++) {
		clients_come(s, 1);
		serve(s);
	}
	lab_say("%s: %d more came one by one; %lld accepted, %lld left in the queue", s->name, LATE,
		(long long)s->accepted, (long long)queue_len(s));
}

/* What accept() finds after all, without any event. */
static int64_t stranded(struct server *s)
{
	int64_t before = s->accepted;
	int fd;

	while ((fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0 || errno == EINTR ||
	       errno == ECONNABORTED)
		s->accepted += fd >= 0;
	if (errno != EAGAIN)
		die_errno("cannot accept");
	return s->accepted - before;
}

int main(int argc, char **argv)
{
	static struct server once, cured;

	lab_init("An edge-triggered listener: one accept per event, and until EAGAIN.", NULL, argc,
		 argv);
	lab_number("crowd", CROWD);
	lab_number("late", LATE);
	server_open(&once, "once");
	server_open(&cured, "until-eagain");
	/* Broken: the cure accepts once per event, too. */
	cured.until_eagain = !lab_broken;
	server_run(&once);
	server_run(&cured);
	lab_number("once_queue", queue_len(&once));
	lab_number("cured_queue", queue_len(&cured));
	lab_number("once_stranded", stranded(&once));
	lab_number("cured_stranded", stranded(&cured));
	/* The instances end before the connections do, whose end would be one more callback. */
	close(once.epfd);
	close(cured.epfd);
	lab_done();
	return 0;
}
