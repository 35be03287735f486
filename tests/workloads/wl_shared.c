/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One instance with several owners: the process that made it (twice, by dup), a child that got it
 * by fork, and another that got it over a Unix socket. Each of them waits on it. And a chain of
 * instances, each watching the next, with an eventfd at the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wl.h"

#define LEVELS_MAX 4

static int64_t rounds = 10, levels = 2;

static int shared_fd;                          /* the eventfd in the shared instance */
static int chain[LEVELS_MAX + 1], chain_event; /* outermost first */
static pid_t main_pid;

/* The other owners; the main process asks for a turn by one byte and gets one back. */
static struct owner {
	const char *how;
	pid_t pid;
	int epfd;
	int sock; /* to the process; -1: the main process itself */
} owners[4];

/* One wait that finds the event, which stays readable for the next owner. */
static void turn_take(int epfd)
{
	struct epoll_event ev;

	if (wl_wait(epfd, &ev, 1, 0) != 1)
		die("the shared event was not delivered");
	wl_add(WL_PUT_BACK, 1);
}

/* Tell the descriptor, then take a turn whenever asked; ends when the main process does. */
static _Noreturn void child_run(int sock, int epfd)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (epfd < 0)
		epfd = fd_receive(sock);
	if (write(sock, &epfd, sizeof(epfd)) != sizeof(epfd))
		die_errno("cannot answer");
	while (read(sock, &byte, 1) == 1) {
		turn_take(epfd);
		if (write(sock, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

/* epfd -1: the child has to be sent the descriptor. */
static void child_start(struct owner *o, const char *how, int epfd)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die_errno("cannot create a socket pair");
	o->how = how;
	o->sock = pair[0];
	o->pid = fork();
	if (o->pid < 0)
		die_errno("cannot fork");
	if (!o->pid) {
		close(pair[0]);
		child_run(pair[1], epfd);
	}
	close(pair[1]);
}

static void child_await(struct owner *o)
{
	if (read(o->sock, &o->epfd, sizeof(o->epfd)) != sizeof(o->epfd))
		die("the %s process did not start", o->how);
}

static void owners_start(void)
{
	main_pid = getpid();
	/* Started before the instance exists: it cannot have inherited it. */
	child_start(&owners[3], "scm_rights", -1);
	owners[0] = (struct owner){ "creator", main_pid, wl_epoll_open(), -1 };
	shared_fd = wl_eventfd();
	wl_ctl_must(owners[0].epfd, EPOLL_CTL_ADD, shared_fd, EPOLLIN);
	child_start(&owners[2], "fork", owners[0].epfd);
	owners[1] = (struct owner){ "dup", main_pid, dup(owners[0].epfd), -1 };
	if (owners[1].epfd < 0)
		die_errno("cannot duplicate the epoll descriptor");
	fd_send(owners[3].sock, owners[0].epfd);
	child_await(&owners[2]);
	child_await(&owners[3]);
}

static void chain_open(void)
{
	for (int64_t i = 0; i <= levels; i++)
		chain[i] = wl_epoll_open();
	chain_event = wl_eventfd();
	wl_ctl_must(chain[levels], EPOLL_CTL_ADD, chain_event, EPOLLIN);
	for (int64_t i = levels; i > 0; i--)
		wl_ctl_must(chain[i - 1], EPOLL_CTL_ADD, chain[i], EPOLLIN);
}

/* Readable through the whole chain, then not. */
static void chain_run(void)
{
	struct epoll_event ev;

	wl_eventfd_write(chain_event);
	if (wl_wait(chain[0], &ev, 1, 0) != 1 || ev.data.fd != chain[1 % (levels + 1)])
		die("the event did not come through the chain");
	wl_add(WL_PUT_BACK, 1);
	wl_eventfd_read(chain_event);
	if (wl_wait(chain[0], &ev, 1, 0))
		die("the chain is still readable");
}

static void round_run(void)
{
	char byte = 0;

	wl_eventfd_write(shared_fd);
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		struct owner *o = &owners[i];

		if (o->sock < 0)
			turn_take(o->epfd);
		else if (write(o->sock, &byte, 1) != 1 || read(o->sock, &byte, 1) != 1)
			die("the %s process is gone", o->how);
	}
	wl_eventfd_read(shared_fd);
	if (levels)
		chain_run();
}

static void owners_end(void)
{
	/* The later child first: it inherited our end of the earlier one's socket. */
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		if (owners[i].sock < 0)
			continue;
		close(owners[i].sock);
		waitpid(owners[i].pid, NULL, 0);
	}
}

/*
 * Per round one write and one read on the shared instance, whose item nobody takes off rdllist
 * after the read; and one of each in the chain, where a write runs ep_poll_callback() on every
 * level and the last wait of the round empties all ready lists.
 */
static void callbacks_say(uint64_t n, uint64_t depth)
{
	uint64_t in_chain = depth ? n * (depth + 1) : 0, reads = depth ? 2 * n : n;

	wl_add(WL_CALLBACKS, n + in_chain + reads);
	wl_add(WL_CB_READY, 1 + in_chain);
	wl_add(WL_CB_ALREADY, n - 1);
	wl_add(WL_CB_IGNORED, reads);
}

static void truth_say(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++)
		wl_say("owner=%zu how=%s pid=%d epfd=%d waits=%" PRId64, i, owners[i].how,
		       owners[i].pid, owners[i].epfd, rounds);
	wl_say("processes=3");
	wl_say("descriptors=%zu", ARRAY_SIZE(owners));
	wl_say("shared_epfd=%d", owners[0].epfd);
	for (int64_t i = 0; levels && i <= levels; i++)
		wl_say("chain=%" PRId64 " epfd=%d watches=%d", i, chain[i],
		       i < levels ? chain[i + 1] : chain_event);
	callbacks_say((uint64_t)rounds, (uint64_t)levels);
	wl_add(WL_WOKEN, 0);
	wl_add(WL_WASTED, 0);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "in which each owner waits once", 1, 1000000 },
		{ "levels", OPT_NUM, &levels, "N", "of nesting in the chain, 0: no chain", 0,
		  LEVELS_MAX },
		{ .name = NULL },
	};

	wl_init("An instance shared by dup, fork and SCM_RIGHTS, and instances inside instances.",
		"  wl_shared --rounds 10 --hold 60\n  wl_shared --levels 4\n", opts, argc, argv);
	wl_setup();
	owners_start();
	if (levels)
		chain_open();
	wl_go((int[]){ owners[0].epfd, owners[1].epfd, chain[0] }, levels ? 3 : 2);
	for (int64_t i = 0; i < rounds; i++)
		round_run();
	truth_say();
	wl_publish();
	owners_end();
	close(owners[1].epfd);
	wl_epoll_close(owners[0].epfd, 1);
	for (int64_t i = 0; levels && i <= levels; i++)
		wl_epoll_close(chain[i], 1);
	return 0;
}
