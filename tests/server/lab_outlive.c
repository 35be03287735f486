/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registrations that outlive close(). epoll watches the open file, not its number: as long as
 * another descriptor of the file is open, in this process or in a child, events go on and name a
 * number that is closed, or has become that of another file.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

#define EVENTS_MAX 8
#define LOOK_HOLDS 3

/* A connection of the server, which believes to have closed it. */
struct conn {
	const char *name;
	int epfd, fd; /* fd: the number that was registered */
	int copy;     /* another descriptor of the same file; -1: a child has it */
	int peer;     /* of the client */
};

static int64_t rounds = 10;

static void conn_open(struct conn *c, const char *name)
{
	int fds[2];

	*c = (struct conn){ .name = name, .epfd = lab_epoll(name), .copy = -1 };
	lab_socketpair(fds);
	c->fd = fds[0];
	c->peer = fds[1];
	lab_add(c->epfd, c->fd, EPOLLIN);
}

static void number(const struct conn *c, const char *what, int64_t value)
{
	char key[48];

	snprintf(key, sizeof(key), "%s_%s", c->name, what);
	lab_number(key, value);
}

/* As many libraries do, for instance to wrap a descriptor in a stream of stdio. */
static void copy_keep(struct conn *c)
{
	c->copy = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	if (c->copy < 0)
		die_errno("cannot duplicate a descriptor");
}

/* How many events of a wait that does not sleep name the connection's number. */
static int events_now(const struct conn *c)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(c->epfd, events, EVENTS_MAX, 0), found = 0;

	if (n < 0)
		die_errno("epoll_wait failed");
	for (int i = 0; i < n; i++)
		found += events[i].data.fd == c->fd;
	return found;
}

/* The client goes on sending; the server has no descriptor left to read from. */
static int client_sends(const struct conn *c)
{
	int events = 0;

	for (int64_t i = 0; i < rounds; i++) {
		lab_write(c->peer, 1);
		events += events_now(c);
		lab_pace();
	}
	return events;
}

/* EPOLL_CTL_DEL of the connection's number, too late; returns errno, 0: done. */
static int del_try(const struct conn *c)
{
	return epoll_ctl(c->epfd, EPOLL_CTL_DEL, c->fd, NULL) ? errno : 0;
}

/* A child that inherited the connection, as with a server that starts a program. */
static pid_t child_start(const struct conn *c, int life[2])
{
	pid_t pid = fork();
	char byte;

	if (pid < 0)
		die_errno("cannot fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The instance and the client's end are none of its business. */
	close(c->epfd);
	close(c->peer);
	close(life[1]);
	while (read(life[0], &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* The child ends when life is closed. */
static pid_t fork_close(struct conn *c, int *life)
{
	int fds[2];
	pid_t pid;

	conn_open(c, "fork");
	if (pipe2(fds, O_CLOEXEC))
		die_errno("cannot create a pipe");
	pid = child_start(c, fds);
	close(fds[0]);
	*life = fds[1];
	close(c->fd);
	lab_say("fork: %d events name descriptor %d after its close", client_sends(c), c->fd);
	number(c, "ebadf", del_try(c) == EBADF);
	return pid;
}

static void dup_close(struct conn *c)
{
	conn_open(c, "dup");
	copy_keep(c);
	close(c->fd);
	lab_say("dup: %d events name descriptor %d after its close", client_sends(c), c->fd);
	number(c, "ebadf", del_try(c) == EBADF);
}

/* A new, silent connection gets the number that has become free, as the lowest one does. */
static void reuse_close(struct conn *c)
{
	int fds[2];

	conn_open(c, "reused");
	copy_keep(c);
	close(c->fd);
	lab_socketpair(fds);
	if (fds[0] != c->fd) {
		if (dup3(fds[0], c->fd, O_CLOEXEC) < 0)
			die_errno("cannot take a descriptor's number");
		close(fds[0]);
	}
	lab_add(c->epfd, c->fd, EPOLLIN);
	lab_say("reused: %d events name descriptor %d, whose connection is silent", client_sends(c),
		c->fd);
}

static void cured_close(struct conn *c)
{
	conn_open(c, "cured");
	copy_keep(c);
	/* Broken: the cure is forgotten. */
	if (!lab_broken)
		lab_del(c->epfd, c->fd);
	close(c->fd);
	lab_say("cured: %d events name descriptor %d after its close", client_sends(c), c->fd);
}

/* The number names the new connection: that one is removed, though it did nothing. */
static void reused_del(const struct conn *c)
{
	number(c, "removed", del_try(c) == 0);
	number(c, "enoent", del_try(c) == ENOENT);
	lab_say("reused: %d more events after EPOLL_CTL_DEL of descriptor %d", client_sends(c),
		c->fd);
}

/* The last descriptors of the files are closed. */
static void copies_end(const struct conn *conns, size_t count, pid_t child, int life)
{
	close(life);
	if (waitpid(child, NULL, 0) != child)
		die_errno("cannot wait for the child");
	for (size_t i = 0; i < count; i++) {
		if (conns[i].copy >= 0)
			close(conns[i].copy);
	}
}

/*
 * A phase in which nothing changes. It is long, since on a busy machine epscope looks at the trees
 * less often, and only there sees what the last close has removed.
 */
static void look(const char *name)
{
	lab_phase(name);
	for (int i = 0; i < LOOK_HOLDS; i++)
		lab_hold();
	lab_phase("change");
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "bytes that each client sends", 1, 1000 },
		{ .name = NULL },
	};
	struct conn conns[4]; /* fork, dup, reused, cured */
	pid_t child;
	int life;

	lab_init("Descriptors that are closed, and go on to report events.", own, argc, argv);
	lab_number("rounds", rounds);
	/* First, so that the child inherits nothing of the others. */
	child = fork_close(&conns[0], &life);
	dup_close(&conns[1]);
	reuse_close(&conns[2]);
	cured_close(&conns[3]);
	look("closed");
	reused_del(&conns[2]);
	look("deleted");
	copies_end(conns, ARRAY_SIZE(conns), child, life);
	look("gone");
	for (size_t i = 0; i < ARRAY_SIZE(conns); i++)
		number(&conns[i], "after", events_now(&conns[i]));
	lab_done();
	return 0;
}
