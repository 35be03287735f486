/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client of lab_architectures: a process with one thread that keeps one message on its way on
 * every connection. It waits with poll(), so that every epoll instance of a run is a server's.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch.h"
#include "lab.h"

#define LIMIT_S 60

struct talk {
	int fd, number;
	int sent;   /* messages */
	size_t got; /* bytes of the echo */
	int64_t since;
	char message[ARCH_MESSAGE], echo[ARCH_MESSAGE];
};

/* Alone on its way, a message always fits into the socket's buffer. */
static void say_next(struct arch *a, struct talk *t)
{
	if (t->sent == a->messages) {
		if (shutdown(t->fd, SHUT_WR))
			die_errno("cannot end a connection");
		return;
	}
	memset(t->message, 'a' + t->sent % 26, sizeof(t->message));
	snprintf(t->message, sizeof(t->message), "message %d of %d", t->sent++, t->number);
	t->got = 0;
	t->since = now_ns();
	if (send(t->fd, t->message, sizeof(t->message), MSG_NOSIGNAL) != sizeof(t->message))
		die_errno("cannot send a message");
}

/* Takes what came back. Returns whether that was the end of the connection. */
static bool hear(struct arch *a, struct talk *t)
{
	ssize_t n;

	if (t->got == sizeof(t->echo))
		t->got = 0; /* nothing may come but the end: anything else is counted below */
	n = recv(t->fd, t->echo + t->got, sizeof(t->echo) - t->got, 0);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		die_errno("cannot receive an echo");
	if (!n)
		return true;
	t->got += n > 0 ? (size_t)n : 0;
	if (t->got < sizeof(t->echo))
		return false;
	if (memcmp(t->message, t->echo, sizeof(t->echo)))
		a->load.damaged++;
	else
		a->load.echoed++;
	latency_add(&a->load.latency, now_ns() - t->since);
	say_next(a, t);
	return false;
}

static void talk_all(struct arch *a, struct talk *talks, struct pollfd *polls)
{
	int left = a->connections;
	int64_t begin = now_ns();

	for (int i = 0; i < a->connections; i++)
		say_next(a, &talks[i]);
	while (left) {
		if (poll(polls, (nfds_t)a->connections, -1) < 0 && errno != EINTR)
			die_errno("poll failed");
		for (int i = 0; i < a->connections; i++) {
			if (!polls[i].revents || !hear(a, &talks[i]))
				continue;
			polls[i].fd = -1; /* poll() passes it over */
			close(talks[i].fd);
			left--;
		}
	}
	a->load.ns = now_ns() - begin;
}

static void echo_load(struct arch *a)
{
	struct talk *talks = calloc((size_t)a->connections, sizeof(*talks));
	struct pollfd polls[ARCH_CONNECTIONS] = { 0 };

	if (!talks)
		die("out of memory");
	for (int i = 0; i < a->connections; i++) {
		talks[i].number = i;
		talks[i].fd = lab_connect(a->port);
		polls[i] = (struct pollfd){ .fd = talks[i].fd, .events = POLLIN };
	}
	talk_all(a, talks, polls);
	free(talks);
}

static void fd_await(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			die_errno("poll failed");
}

/* Reads to the end of the connection, and closes it. Returns the bytes; text: what fits of them. */
static size_t answer(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		fd_await(fd);
		n = recv(fd, text + len, size - len, 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			die_errno("cannot receive an answer");
		len += n > 0 ? (size_t)n : 0;
	} while (n && len < size);
	close(fd);
	return len;
}

/* As many clients of the other services of the super-server, one after the other. */
static void other_load(struct arch *a)
{
	char text[64];
	size_t len;

	for (int i = 0; i < a->connections; i++) {
		int fd = lab_connect(a->discard_port);

		len = answer(lab_connect(a->daytime_port), text, sizeof(text));
		a->load.daytimes += len > 2 && !memcmp(text + len - 2, "\r\n", 2);
		lab_write(fd, (size_t)a->messages * ARCH_MESSAGE);
		if (shutdown(fd, SHUT_WR))
			die_errno("cannot end a connection");
		if (answer(fd, text, sizeof(text)))
			die("the service discard has answered");
	}
}

static void load(struct arch *a)
{
	char c;

	close(a->gate[1]);
	while (read(a->gate[0], &c, 1) < 0)
		if (errno != EINTR)
			die_errno("cannot wait for the server");
	if (a->daytime >= 0)
		other_load(a);
	echo_load(a);
}

pid_t arch_load_start(struct arch *a)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("cannot fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LIMIT_S);
	load(a);
	_exit(0);
}

void arch_load_join(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die_errno("cannot wait for the client");
	if (status)
		die("the client failed");
}
