/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An instance with many items: what a snapshot of the tree and of the ready list must show. In
 * order: make some ready, add and remove for a while, close some while registered, close some of
 * which a duplicate keeps the file alive.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "wl.h"

enum {
	KIND_EVENTFD,
	KIND_PIPE,
	KIND_DUP
};

static const char *const kinds[] = { "eventfd", "pipe", "dup", NULL };

static int kind;
static int64_t items = 1000, ready, closes, dup_closes, churn_threads = 1, churn_ns,
	       churn_items = 16, processes = 1;
static int64_t share; /* of the items: those of each process */

static int epfd;
static int *fds;       /* registered */
static int *write_fds; /* their writing ends */
static int *dups;      /* what keeps closed ones alive */

/* The share of one of the processes, whose number is in the user data of its items. */
static void items_register(int64_t process)
{
	int pair[2];

	for (int64_t i = 0; i < share; i++) {
		if (kind == KIND_PIPE) {
			if (pipe2(pair, O_NONBLOCK | O_CLOEXEC))
				die_errno("cannot create a pipe");
			fds[i] = pair[0];
			write_fds[i] = pair[1];
		} else {
			fds[i] = kind == KIND_DUP && i ? dup(fds[0]) : wl_eventfd();
			write_fds[i] = fds[i];
		}
		if (fds[i] < 0)
			die_errno("cannot duplicate a descriptor");
		if (wl_ctl_data(epfd, EPOLL_CTL_ADD, fds[i], EPOLLIN,
				(uint64_t)process << 32 | (uint32_t)fds[i]))
			die("cannot register descriptor %d", fds[i]);
	}
}

/* One process may not have so many descriptors: others have theirs open until this one ends. */
static void items_share(void)
{
	pid_t parent = getpid();
	int done[2];
	char byte;

	if (pipe2(done, O_CLOEXEC))
		die_errno("cannot create a pipe");
	for (int64_t process = 1; process < processes; process++) {
		pid_t pid = fork();

		if (pid < 0)
			die_errno("cannot fork");
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		items_register(process);
		if (write(done[1], "x", 1) != 1)
			die_errno("cannot write to the pipe");
		close(done[1]); /* who reads has to see its end, should another one die */
		for (;;)
			pause();
	}
	close(done[1]);
	for (int64_t process = 1; process < processes; process++)
		if (read(done[0], &byte, 1) != 1)
			die("another process ended before its items were registered");
	close(done[0]);
}

static void items_open(void)
{
	fds = calloc((size_t)items, sizeof(*fds));
	write_fds = calloc((size_t)items, sizeof(*write_fds));
	dups = calloc((size_t)dup_closes + 1, sizeof(*dups));
	if (!fds || !write_fds || !dups)
		die("out of memory; lower --items");
	epfd = wl_epoll_open();
	items_share();
	items_register(0);
}

/* Nobody waits, so each first write links its item to the ready list, where it stays. */
static void items_make_ready(void)
{
	int64_t wakes = kind == KIND_DUP ? items : 1;

	for (int64_t i = 0; i < ready; i++) {
		if (kind != KIND_PIPE)
			wl_eventfd_write(write_fds[i]);
		else if (write(write_fds[i], "x", 1) != 1)
			die_errno("cannot write to the pipe");
		/* Duplicates share one file: the callback of each item runs. */
		wl_add(WL_CALLBACKS, (uint64_t)wakes);
		wl_add(i && kind == KIND_DUP ? WL_CB_ALREADY : WL_CB_READY, (uint64_t)wakes);
	}
	wl_add(WL_CALLBACKS, 0);
	wl_say("ready=%" PRId64, kind == KIND_DUP && ready ? items : ready);
}

/* Add and remove a few items of this thread's own, never ready, until the time is over. */
static void *churn_run(void *arg)
{
	int64_t end = *(int64_t *)arg;
	int *own = calloc((size_t)churn_items, sizeof(*own));

	if (!own)
		die("out of memory");
	for (int64_t i = 0; i < churn_items; i++)
		own[i] = wl_eventfd();
	while (now_ns() < end) {
		for (int64_t i = 0; i < churn_items; i++)
			wl_ctl_must(epfd, EPOLL_CTL_ADD, own[i], EPOLLIN);
		for (int64_t i = 0; i < churn_items; i++)
			wl_ctl_must(epfd, EPOLL_CTL_DEL, own[i], 0);
	}
	for (int64_t i = 0; i < churn_items; i++)
		close(own[i]);
	free(own);
	return NULL;
}

static void items_churn(void)
{
	pthread_t threads[64];
	int64_t end = now_ns() + churn_ns;

	if (!churn_ns)
		return;
	for (int64_t i = 0; i < churn_threads; i++) {
		if (pthread_create(&threads[i], NULL, churn_run, &end))
			die("cannot start a thread");
	}
	for (int64_t i = 0; i < churn_threads; i++)
		pthread_join(threads[i], NULL);
}

/* The last ones go first, so that those made ready stay. */
static void items_close(void)
{
	int64_t at = share - 1;

	for (int64_t i = 0; i < closes; i++, at--)
		wl_close_registered(fds[at], 1);
	for (int64_t i = 0; i < dup_closes; i++, at--) {
		dups[i] = fcntl(fds[at], F_DUPFD_CLOEXEC, 0);
		if (dups[i] < 0)
			die_errno("cannot duplicate a descriptor");
		close(fds[at]); /* the item stays, under a number that is free again */
	}
	wl_say("zombies=%" PRId64, dup_closes);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "items", OPT_NUM, &items, "N", "to register", 1, 1000000 },
		{ "kind", OPT_CHOICE, &kind, "KIND", "eventfd or pipe each, or one eventfd and dup",
		  .choices = kinds },
		{ "ready", OPT_NUM, &ready, "N", "of them made ready", 0, 1000000 },
		{ "churn", OPT_SECONDS, &churn_ns, "S", "add and remove others for S seconds", 0,
		  600 },
		{ "churn-threads", OPT_NUM, &churn_threads, "N", "that do so", 1, 64 },
		{ "churn-items", OPT_NUM, &churn_items, "N", "of each of them", 1, 1000 },
		{ "close", OPT_NUM, &closes, "N", "closed while registered", 0, 1000000 },
		{ "dup-close", OPT_NUM, &dup_closes, "N",
		  "closed while a duplicate keeps the file: zombies", 0, 1000000 },
		{ "processes", OPT_NUM, &processes, "N",
		  "that register an equal share of the items each", 1, 1000 },
		{ .name = NULL },
	};

	wl_init("An instance with many items.",
		"  wl_items --items 19000 --ready 777 --hold 60\n"
		"  wl_items --items 500000 --processes 50 --hold 60\n"
		"  wl_items --items 100 --churn 2 --churn-threads 2\n"
		"  wl_items --items 10 --close 2 --dup-close 3 --hold 60\n",
		opts, argc, argv);
	share = items / processes;
	if (items % processes || ready + closes + dup_closes > share)
		die_usage(
			"--ready, --close and --dup-close together: more than --items, or than one "
			"of --processes has; each has an equal share");
	if (kind == KIND_DUP && (closes || dup_closes || processes > 1))
		die_usage(
			"--kind dup: its items share one file, --close, --dup-close and --processes "
			"are for the others");
	nofile_need((kind == KIND_PIPE ? 2 : 1) * share + churn_threads * churn_items + 32);
	wl_setup();
	items_open();
	wl_go(&epfd, 1);
	wl_add(WL_WOKEN, 0);
	items_make_ready();
	items_churn();
	items_close();
	wl_publish();
	wl_epoll_close(epfd, items - closes);
	free(fds);
	free(write_fds);
	free(dups);
	return 0;
}
