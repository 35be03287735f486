/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lives and ends of processes, threads and instances. A turn is one epoll_wait that finds one event,
 * which stays readable; --rounds turns are taken by each who takes part.
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wl.h"

enum {
	MODE_FORK,
	MODE_ORPHAN,
	MODE_LEADER,
	MODE_RECEIVE,
	MODE_ADDRESSES,
	MODE_CHILDREN,
	MODE_KILLED,
};

static const char *const modes[] = { "fork",      "orphan",   "leader", "receive",
				     "addresses", "children", "killed", NULL };

static int mode, epfd, event;
static int64_t rounds = 10, count = 100;
static int64_t pause_ns;
static const char *go_on;

static void turns(int64_t n)
{
	struct epoll_event ev;

	for (int64_t i = 0; i < n; i++) {
		if (wl_wait(epfd, &ev, 1, 0) != 1)
			die("the event was not delivered");
		wl_add(WL_PUT_BACK, 1);
	}
}

static void instance_open(void)
{
	epfd = wl_epoll_open();
	event = wl_eventfd();
	wl_ctl_must(epfd, EPOLL_CTL_ADD, event, EPOLLIN);
}

static void event_raise(void)
{
	wl_eventfd_write(event);
	wl_add(WL_CALLBACKS, 1);
	wl_add(WL_CB_READY, 1);
}

static pid_t fork_must(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("cannot fork");
	return pid;
}

/* ---- fork: the child uses what it inherited, registers something of its own, and closes ---- */

static void child_run(void)
{
	int own = wl_eventfd();

	wl_ctl_must(epfd, EPOLL_CTL_ADD, own, EPOLLIN);
	turns(rounds);
	wl_ctl_must(epfd, EPOLL_CTL_DEL, own, 0);
	close(epfd);
	_exit(0);
}

static void fork_run(void)
{
	int status;
	pid_t pid;

	event_raise();
	pid = fork_must();
	if (!pid)
		child_run();
	if (waitpid(pid, &status, 0) != pid || status)
		die("the child failed");
	turns(rounds);
}

/* ---- orphan: the parent ends, and the child goes on (once it is told to) ---- */

static void orphan_run(void)
{
	event_raise();
	turns(rounds);
	if (fork_must())
		_exit(0);
	for (int i = 0; go_on && access(go_on, F_OK); i++) {
		if (i > 6000)
			die("nobody made %s within 60 s", go_on);
		sleep_ns(10 * NS_PER_MS);
	}
	turns(rounds);
}

/* ---- leader: the first thread ends, the process goes on ---- */

static void *follower_run(void *unused)
{
	(void)unused;
	sleep_ns(20 * NS_PER_MS); /* the first thread has ended by then: a zombie until we end */
	turns(rounds);
	wl_publish();
	exit(0);
}

static _Noreturn void leader_run(void)
{
	pthread_t thread;

	event_raise();
	turns(rounds);
	if (pthread_create(&thread, NULL, follower_run, NULL))
		die("cannot start a thread");
	pthread_exit(NULL);
}

/* ---- receive: an instance that a stranger made, with items that are his ---- */

#define LENT 3

/* Sends it at the first byte; then a byte is the number of an event to raise (or, from LENT on, lower). */
static void lender_run(int sock)
{
	int fd = epoll_create1(EPOLL_CLOEXEC), events[LENT];
	struct epoll_event ev = { .events = EPOLLIN };
	unsigned char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < LENT; i++) {
		events[i] = wl_eventfd();
		ev.data.fd = events[i];
		if (epoll_ctl(fd, EPOLL_CTL_ADD, events[i], &ev))
			die_errno("cannot register");
	}
	if (read(sock, &byte, 1) != 1)
		_exit(0);
	fd_send(sock, fd);
	while (read(sock, &byte, 1) == 1) {
		if (byte < LENT)
			wl_eventfd_write(events[byte]);
		else
			wl_eventfd_read(events[byte - LENT]);
		if (write(sock, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static void ask(int sock, int64_t what)
{
	unsigned char byte = (unsigned char)what;

	if (write(sock, &byte, 1) != 1 || read(sock, &byte, 1) != 1)
		die("the lender is gone");
}

static int lender_start(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die_errno("cannot create a socket pair");
	if (!fork_must()) {
		close(pair[0]);
		lender_run(pair[1]);
	}
	close(pair[1]);
	return pair[0];
}

/* Each write finds its item off the list: the turn before has scanned and dropped it. */
static void receive_run(int sock)
{
	struct epoll_event ev;

	if (write(sock, "", 1) != 1)
		die("the lender is gone");
	epfd = fd_receive(sock);
	wl_epoll_adopt(LENT);
	if (wl_wait(epfd, &ev, 1, 0)) /* the first call, from which on everything counts */
		die("an event that nobody raised");
	for (int64_t i = 0; i < rounds; i++) {
		ask(sock, i % LENT);
		turns(1);
		ask(sock, LENT + i % LENT);
	}
	wl_add(WL_CALLBACKS, 2 * (uint64_t)rounds);
	wl_add(WL_CB_READY, (uint64_t)rounds);
	wl_add(WL_CB_IGNORED, (uint64_t)rounds);
}

/* ---- addresses: one instance at a time; the kernel hands out the same memory again ---- */

static void addresses_run(void)
{
	struct epoll_event ev;

	for (int64_t i = 0; i < count; i++) {
		epfd = wl_epoll_open();
		for (int64_t k = 0; k <= i % rounds; k++)
			wl_wait(epfd, &ev, 1, 0);
		wl_epoll_close(epfd, 0);
		/* kfree_rcu() keeps its memory for 5 s and a grace period, or a little longer */
		if (i == count / 3 || i == count * 2 / 3)
			sleep_ns(pause_ns);
	}
}

/* ---- children: many short processes, a turn each ---- */

static void children_run(void)
{
	int status, failed = 0;

	event_raise();
	for (int64_t i = 0; i < count; i++) {
		if (!fork_must()) {
			turns(1);
			_exit(0);
		}
		if (i % 8 == 7)
			while (waitpid(-1, &status, 0) > 0)
				failed |= status;
	}
	while (waitpid(-1, &status, 0) > 0)
		failed |= status;
	if (failed)
		die("a child failed");
}

/* ---- killed: threads that wait are killed with their process, while a child holds the instance ---- */

#define VICTIMS 4

static _Atomic pid_t victims[VICTIMS];

static void *victim_run(void *arg)
{
	struct epoll_event ev;

	*(_Atomic pid_t *)arg = gettid();
	wl_wait(epfd, &ev, 1, -1);
	die("a wait that nobody ended has returned");
}

static void killed_run(void)
{
	pid_t parent = getpid();
	pthread_t thread;

	for (int i = 0; i < VICTIMS; i++) {
		if (pthread_create(&thread, NULL, victim_run, &victims[i]))
			die("cannot start a thread");
		while (!victims[i])
			sleep_ns(50 * NS_PER_US);
		wl_await_sleep(victims[i]);
	}
	if (fork_must())
		kill(parent, SIGKILL);
	while (getppid() == parent)
		sleep_ns(NS_PER_MS);
	wl_add(WL_RETURNS_SIGNAL, VICTIMS); /* they had no time to say so */
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "mode", OPT_CHOICE, &mode, "MODE", "what happens", .choices = modes },
		{ "rounds", OPT_NUM, &rounds, "N", "turns of each", 1, 1000000 },
		{ "count", OPT_NUM, &count, "N", "instances or children", 1, 1000000 },
		{ "pause", OPT_SECONDS, &pause_ns, "S", "in the middle of the instances", 0, 60 },
		{ "go-on-file", OPT_TEXT, &go_on, "FILE", "the orphan waits for it" },
		{ .name = NULL },
	};
	int sock = -1;

	wl_init("Lives and ends of processes, threads and instances.",
		"  wl_life --mode fork\n  wl_life --mode children --count 1000\n", opts, argc,
		argv);
	if (mode == MODE_RECEIVE)
		sock = lender_start();
	wl_setup();
	if (mode != MODE_RECEIVE && mode != MODE_ADDRESSES)
		instance_open();
	wl_go(&epfd, epfd != 0);
	wl_add(WL_WOKEN, 0);
	wl_add(WL_WASTED, 0);
	wl_add(WL_PUT_BACK, 0);
	if (mode == MODE_FORK)
		fork_run();
	else if (mode == MODE_ORPHAN)
		orphan_run();
	else if (mode == MODE_LEADER)
		leader_run();
	else if (mode == MODE_RECEIVE)
		receive_run(sock);
	else if (mode == MODE_ADDRESSES)
		addresses_run();
	else if (mode == MODE_CHILDREN)
		children_run();
	else
		killed_run();
	wl_publish();
	return 0;
}
