/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connect() without waiting, and what epoll says of its end: to an open port, to a closed one, to one
 * whose queue is full, and on a socket that was registered before connect(). Then a client that makes
 * connections to open and closed ports at once, as clients do, and reads what the server sends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

#define GREETING  64
#define BACKLOG   1 /* of the port that is to be full: one more than this is queued */
#define IN_FLIGHT 200

static int64_t rounds = 20;

/* ---- the ports ---- */

/* A port that nobody listens on, and nobody else gets: bound, that is all. */
static int closed_port(uint16_t *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, len) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		die_errno("cannot bind to a port");
	*port = ntohs(addr.sin_port);
	return fd;
}

static void await_in(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, -1) < 0 && errno != EINTR)
		die_errno("poll failed");
}

/* Sends a greeting to everyone who comes. */
_Noreturn static void greeter(int listener)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0) {
			/* Who has left already is no concern. */
			if (send(fd, (char[GREETING]){ 0 }, GREETING, MSG_NOSIGNAL) < 0 &&
			    errno != EPIPE && errno != ECONNRESET)
				die_errno("cannot greet");
			close(fd);
		} else if (errno == EAGAIN) {
			await_in(listener);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			die_errno("cannot accept");
		}
	}
}

static pid_t greeter_start(uint16_t *port)
{
	int listener = lab_listen(port, 128);
	pid_t pid = fork();

	if (pid < 0)
		die_errno("cannot fork");
	if (!pid) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL))
			die_errno("prctl failed");
		greeter(listener);
	}
	close(listener);
	return pid;
}

/* ---- one connection ---- */

static int tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die_errno("cannot create a socket");
	return fd;
}

/* Returns whether it goes on in the background. */
static bool connect_begin(int fd, uint16_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return false;
	if (errno != EINPROGRESS)
		die_errno("cannot connect to port %d", port);
	return true;
}

/* How connect() ended; asking clears it. */
static int connect_result(int fd)
{
	socklen_t len = sizeof(int);
	int err;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		die_errno("cannot ask for SO_ERROR");
	return err;
}

/* ---- the cases ---- */

/* Connections to one port, one after the other. as: the mask and the result that each should have. */
static void ports_case(const char *name, uint16_t port, uint32_t mask, int result)
{
	int64_t background = 0, as = 0, again = 0;
	int epfd = lab_epoll(name), fd;
	char key[32];

	for (int64_t i = 0; i < rounds; i++) {
		uint32_t got;

		fd = tcp_socket();
		background += connect_begin(fd, port);
		lab_add(epfd, fd, EPOLLOUT);
		got = lab_wait_one(epfd, 5000);
		lab_pace();
		as += connect_result(fd) == result && got == mask;
		again += connect_result(fd) != 0;
		lab_del(epfd, fd);
		close(fd);
	}
	snprintf(key, sizeof(key), "%s_background", name);
	lab_number(key, background);
	snprintf(key, sizeof(key), "%s_as_told", name);
	lab_number(key, as);
	snprintf(key, sizeof(key), "%s_again", name);
	lab_number(key, again);
	lab_say("%s: %d connects, %d of them EINPROGRESS; %d ended with \"%s\", asked twice %d",
		name, (int)rounds, (int)background, (int)as, result ? strerror(result) : "no error",
		(int)again);
}

/* Waits until so many connections are in the listener's queue. */
static void await_queued(int listener, uint32_t count)
{
	struct tcp_info info = { .tcpi_unacked = 0 };
	socklen_t len = sizeof(info);

	for (;;) {
		if (getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &len))
			die_errno("cannot ask for TCP_INFO");
		/* Of a listener this is the length of its queue. */
		if (info.tcpi_unacked == count)
			return;
		sleep_ns(NS_PER_MS);
	}
}

/* The server's queue is full: the SYN is dropped, and sent again after a second. */
static void full_case(void)
{
	int epfd = lab_epoll("full"), queued[BACKLOG + 1], listener, fd, taken;
	uint16_t port;
	int64_t begin;

	listener = lab_listen(&port, BACKLOG);
	for (size_t i = 0; i < ARRAY_SIZE(queued); i++)
		queued[i] = lab_connect(port);
	await_queued(listener, ARRAY_SIZE(queued));
	fd = tcp_socket();
	begin = now_ns();
	lab_number("full_background", connect_begin(fd, port));
	lab_add(epfd, fd, EPOLLOUT);
	if (lab_wait_one(epfd, 200))
		die("connected to a port whose queue is full");
	for (size_t i = 0; i < ARRAY_SIZE(queued); i++) {
		taken = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (taken < 0)
			die_errno("cannot accept");
		close(taken);
		close(queued[i]);
	}
	if (lab_wait_one(epfd, 20000) != EPOLLOUT || connect_result(fd))
		die("not connected, and there is room again");
	lab_number("full_ms", (now_ns() - begin) / NS_PER_MS);
	lab_say("full: EPOLLOUT came %d ms after connect()", (int)((now_ns() - begin) / NS_PER_MS));
	close(fd);
	close(listener);
}

/* Registered first: the event that comes before connect() tells of nothing, and SO_ERROR is 0. */
static void early_case(uint16_t port)
{
	struct sockaddr_in peer;
	int64_t before = 0;
	int epfd = lab_epoll("early");

	for (int64_t i = 0; i < rounds; i++) {
		socklen_t len = sizeof(peer);
		int fd = tcp_socket();

		lab_add(epfd, fd, EPOLLOUT);
		before += lab_wait_one(epfd, 0) == (EPOLLOUT | EPOLLHUP) && !connect_result(fd) &&
			  getpeername(fd, (struct sockaddr *)&peer, &len) && errno == ENOTCONN;
		connect_begin(fd, port);
		if (lab_wait_one(epfd, 5000) != EPOLLOUT)
			die("no EPOLLOUT after connect()");
		lab_del(epfd, fd);
		close(fd);
	}
	lab_number("early_before", before);
	lab_say("early: EPOLLOUT and EPOLLHUP %d times before connect(), with SO_ERROR 0",
		(int)before);
}

struct client {
	int epfd;
	int64_t left, connected, refused, greeted;
	bool is_connected[IN_FLIGHT];
	int fds[IN_FLIGHT];
};

static void client_close(struct client *c, int i)
{
	lab_del(c->epfd, c->fds[i]);
	close(c->fds[i]);
	c->left--;
}

static void client_connected(struct client *c, int i)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
	/* Broken: EPOLLOUT is taken for success. */
	int err = lab_broken ? 0 : connect_result(c->fds[i]);

	if (err) {
		if (err != ECONNREFUSED)
			die("connect() ended with: %s", strerror(err));
		c->refused++;
		client_close(c, i);
		return;
	}
	c->is_connected[i] = true;
	c->connected++;
	if (epoll_ctl(c->epfd, EPOLL_CTL_MOD, c->fds[i], &ev))
		die_errno("epoll_ctl failed");
}

static void client_greeted(struct client *c, int i)
{
	char buf[GREETING];
	ssize_t n = read(c->fds[i], buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	c->greeted += n > 0;
	client_close(c, i);
}

static void client_event(struct client *c, int i)
{
	if (c->is_connected[i])
		client_greeted(c, i);
	else
		client_connected(c, i);
}

/* All at once, to both ports in turn. */
static void client_begin(struct client *c, const uint16_t ports[2])
{
	for (int i = 0; i < (int)c->left; i++) {
		struct epoll_event ev = { .events = EPOLLOUT, .data.u32 = (uint32_t)i };

		c->fds[i] = tcp_socket();
		connect_begin(c->fds[i], ports[i % 2]);
		if (epoll_ctl(c->epfd, EPOLL_CTL_ADD, c->fds[i], &ev))
			die_errno("epoll_ctl failed");
	}
}

static void client_case(const uint16_t ports[2])
{
	struct client c = { .epfd = lab_epoll("client"), .left = 2 * rounds };
	struct epoll_event ev[16];

	client_begin(&c, ports);
	while (c.left) {
		int n = epoll_wait(c.epfd, ev, ARRAY_SIZE(ev), 20000);

		if (!n)
			die("nothing for 20 s, and %d connections are left", (int)c.left);
		if (n < 0 && errno != EINTR)
			die_errno("epoll_wait failed");
		for (int i = 0; i < n; i++)
			client_event(&c, (int)ev[i].data.u32);
	}
	lab_number("client_connected", c.connected);
	lab_number("client_greeted", c.greeted);
	lab_say("client: %d to an open and %d to a closed port; it took %d for connected, and %d "
		"were greeted",
		(int)rounds, (int)rounds, (int)c.connected, (int)c.greeted);
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "connections to each port", 1, IN_FLIGHT / 2 },
		{ .name = NULL },
	};
	uint16_t ports[2]; /* open, closed */
	pid_t server;
	int closed;

	lab_init("connect() without waiting, and how epoll tells its end.", own, argc, argv);
	server = greeter_start(&ports[0]);
	closed = closed_port(&ports[1]);
	lab_number("rounds", rounds);
	ports_case("open", ports[0], EPOLLOUT, 0);
	ports_case("closed", ports[1], EPOLLOUT | EPOLLERR | EPOLLHUP, ECONNREFUSED);
	full_case();
	early_case(ports[0]);
	client_case(ports);
	if (kill(server, SIGTERM) || waitpid(server, NULL, 0) < 0)
		die_errno("cannot end the server");
	close(closed);
	lab_done();
	return 0;
}
