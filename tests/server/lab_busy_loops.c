/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Four loops that spin, each beside its cure on the same work: EPOLLOUT that stays armed, a hang-up
 * that nobody handles, waits with timeout 0, and accept() without a free descriptor. A loop ends
 * when it has made all its turns, or when nothing comes for a while.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define IDLE_MS     100
#define ARRIVE_MS   10000
#define ANSWER      (256 * 1024)
#define SEND_BUFFER 16384 /* far less than an answer, so that it is sent in several pieces */
#define MESSAGES    3
#define REQUESTS    4
#define CONNECTIONS 3

static int64_t turns = 2000;

struct loop {
	const char *name;
	bool cured;
	int epfd;
	int64_t made; /* turns */
};

static void loop_open(struct loop *l, const char *name, bool cured)
{
	l->name = name;
	l->cured = cured;
	l->epfd = lab_epoll(name);
	l->made = 0;
}

static void loop_say(const struct loop *l, const char *work)
{
	lab_say("%s: %s, %d turns", l->name, work, (int)l->made);
}

/* One turn. Returns the events, 0: none came in time, or that was the last turn. */
static uint32_t turn(struct loop *l, int timeout_ms)
{
	if (l->made == turns)
		return 0;
	l->made++;
	return lab_wait_one(l->epfd, timeout_ms);
}

/* ---- EPOLLOUT ---- */

/* Sends until all is out or the buffer is full. Returns the bytes that are still to send. */
static size_t send_some(int fd, size_t bytes)
{
	static const char zeros[65536];
	ssize_t n;

	while (bytes) {
		n = write(fd, zeros, bytes < sizeof(zeros) ? bytes : sizeof(zeros));
		if (n >= 0)
			bytes -= (size_t)n;
		else if (errno == EAGAIN)
			return bytes;
		else if (errno != EINTR)
			die_errno("cannot send");
	}
	return 0;
}

/* A request is answered in pieces, as the client makes room. Returns how often there was no room. */
static int64_t out_run(struct loop *l)
{
	const int size = SEND_BUFFER;
	size_t left = 0;
	int64_t full = 0;
	uint32_t events;
	bool armed = false;
	int fds[2];

	lab_socketpair(fds);
	if (setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)))
		die_errno("SO_SNDBUF failed");
	lab_add(l->epfd, fds[0], EPOLLIN);
	lab_write(fds[1], 1);
	while ((events = turn(l, IDLE_MS))) {
		if (events & EPOLLIN)
			left += lab_drain(fds[0], NULL) * ANSWER;
		left = send_some(fds[0], left);
		full += left > 0;
		if (left && !armed)
			lab_mod(l->epfd, fds[0], EPOLLIN | EPOLLOUT);
		else if (!left && armed && l->cured)
			lab_mod(l->epfd, fds[0], EPOLLIN);
		armed = left || (armed && !l->cured);
		lab_drain(fds[1], NULL);
	}
	loop_say(l, "one answer is sent");
	return full;
}

/* ---- hang-up ---- */

/* The handler of a connection. Returns whether it goes on. */
static bool receive(struct loop *l, int fd)
{
	bool eof;

	lab_drain(fd, &eof);
	if (!eof || !l->cured)
		return true;
	lab_del(l->epfd, fd);
	close(fd);
	return false;
}

static void hup_run(struct loop *l)
{
	int fds[2];

	lab_socketpair(fds);
	lab_add(l->epfd, fds[0], EPOLLIN);
	for (int i = 0; i < MESSAGES; i++) {
		lab_write(fds[1], 1);
		if (turn(l, ARRIVE_MS))
			receive(l, fds[0]);
	}
	close(fds[1]);
	/* The cure has nothing left to wait for, and looks whether that is so. */
	while (turn(l, IDLE_MS))
		receive(l, fds[0]);
	loop_say(l, "some messages, and the peer is gone");
}

/* ---- timeout 0 ---- */

static void poll_run(struct loop *l)
{
	int fds[2];

	lab_socketpair(fds);
	lab_add(l->epfd, fds[0], EPOLLIN);
	for (int i = 0; i < REQUESTS; i++) {
		/* Nothing is there: the one asks over and over, the other sleeps. */
		for (int64_t k = 0; k < (l->cured ? 1 : turns / REQUESTS); k++)
			if (turn(l, l->cured ? IDLE_MS : 0))
				die("an event, and nothing was sent");
		lab_write(fds[1], 1);
		if (!lab_wait_one(l->epfd, l->cured ? ARRIVE_MS : 0))
			die("no event for a request");
		lab_drain(fds[0], NULL);
	}
	loop_say(l, "idle before each request");
}

/* ---- no descriptor left ---- */

/* Makes accept() fail with EMFILE. Returns the limit that was. */
static struct rlimit descriptors_end(int any)
{
	struct rlimit was, now;
	int lowest = dup(any); /* all below it are in use */

	if (lowest < 0 || close(lowest) || getrlimit(RLIMIT_NOFILE, &was))
		die_errno("cannot find the lowest free descriptor");
	now = was;
	now.rlim_cur = (rlim_t)lowest;
	if (setrlimit(RLIMIT_NOFILE, &now))
		die_errno("RLIMIT_NOFILE failed");
	return was;
}

/* Gives up the reserve for a moment, to take the connection and close it. Returns the reserve. */
static int refuse(int listener, int reserve)
{
	int fd;

	close(reserve);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED && errno != EMFILE)
		die_errno("cannot accept");
	reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (reserve < 0)
		die_errno("cannot take a reserve");
	return reserve;
}

/* Returns how often accept() failed for want of a descriptor. */
static int64_t emfile_run(struct loop *l)
{
	int reserve = open("/dev/null", O_RDONLY | O_CLOEXEC), listener;
	int64_t failed = 0;
	struct rlimit was;
	uint16_t port;

	listener = lab_listen(&port, CONNECTIONS);
	lab_add(l->epfd, listener, EPOLLIN);
	for (int i = 0; i < CONNECTIONS; i++)
		lab_connect(port); /* open until the program ends */
	was = descriptors_end(listener);
	while (turn(l, l->cured && failed == CONNECTIONS ? IDLE_MS : ARRIVE_MS)) {
		if (accept4(listener, NULL, NULL, SOCK_CLOEXEC) >= 0 || errno != EMFILE)
			die("accept() did not end with EMFILE");
		failed++;
		if (l->cured)
			reserve = refuse(listener, reserve);
	}
	if (setrlimit(RLIMIT_NOFILE, &was))
		die_errno("RLIMIT_NOFILE failed");
	close(reserve);
	loop_say(l, "connections, and no descriptor for them");
	return failed;
}

/* Of each pair the first spins, the second is cured. */
struct loops {
	struct loop out[2], hup[2], poll[2], emfile[2];
};

static void loops_open(struct loops *l)
{
	loop_open(&l->out[0], "out", false);
	loop_open(&l->out[1], "out-cured", true);
	loop_open(&l->hup[0], "hup", false);
	/* Broken: here, too, the end of the connection is ignored. */
	loop_open(&l->hup[1], "hup-cured", !lab_broken);
	loop_open(&l->poll[0], "poll", false);
	loop_open(&l->poll[1], "poll-cured", true);
	loop_open(&l->emfile[0], "emfile", false);
	loop_open(&l->emfile[1], "emfile-cured", true);
}

/* Before the connections end: that would be a callback, too. */
static void loops_close(const struct loops *l)
{
	for (int i = 0; i < 2; i++) {
		close(l->out[i].epfd);
		close(l->hup[i].epfd);
		close(l->poll[i].epfd);
		close(l->emfile[i].epfd);
	}
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "turns", OPT_NUM, &turns, "N", "at which a loop that spins ends", 200, 100000 },
		{ .name = NULL },
	};
	struct loops l;

	lab_init("Four loops that spin, and their cures.", own, argc, argv);
	turns -= turns % REQUESTS;
	lab_number("turns", turns);
	lab_number("messages", MESSAGES);
	lab_number("requests", REQUESTS);
	lab_number("connections", CONNECTIONS);
	loops_open(&l);
	out_run(&l.out[0]);
	lab_number("out_cured_full", out_run(&l.out[1]));
	hup_run(&l.hup[0]);
	hup_run(&l.hup[1]);
	poll_run(&l.poll[0]);
	poll_run(&l.poll[1]);
	lab_number("emfile_failed", emfile_run(&l.emfile[0]));
	lab_number("emfile_cured_failed", emfile_run(&l.emfile[1]));
	loops_close(&l);
	lab_done();
	return 0;
}
