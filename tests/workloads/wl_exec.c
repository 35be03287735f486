/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exec() under observation. The first program has two instances, one of them with EPOLL_CLOEXEC, takes
 * turns on both, and executes itself under another name; the second one goes on with the instance that
 * it inherited, and makes one more. With --by thread another thread than the first does the exec, and
 * is the first one afterwards: it leaves a thread id without an exit.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "wl.h"

enum {
	BY_MAIN,
	BY_THREAD,
};

static const char *const who[] = { "main", "thread", NULL };
static int by;
static int64_t rounds = 10;
static const char *as, *second;
static char **args;

struct instance {
	int epfd, event;
};

static struct instance stays, goes;

static void instance_open(struct instance *in, int cloexec)
{
	in->epfd = epoll_create1(cloexec ? EPOLL_CLOEXEC : 0);
	in->event = eventfd(1, 0); /* stays open: no item goes before its instance */
	if (in->epfd < 0 || in->event < 0)
		die_errno("cannot create an instance");
	wl_add(WL_CREATES, 1);
	wl_epoll_adopt(0);
	wl_ctl_must(in->epfd, EPOLL_CTL_ADD, in->event, EPOLLIN);
}

static void turns(const struct instance *in)
{
	struct epoll_event ev;

	for (int64_t i = 0; i < rounds; i++) {
		if (wl_wait(in->epfd, &ev, 1, 0) != 1)
			die("the event was not delivered");
		wl_add(WL_PUT_BACK, 1);
	}
}

static void *first_run(void *unused)
{
	char fds[32], **argv = args;
	size_t n = 0;

	(void)unused;
	turns(&goes);
	turns(&stays);
	wl_add(WL_DESTROYS, 1);
	snprintf(fds, sizeof(fds), "%d,%d", stays.epfd, stays.event);
	setenv("WL_COUNTS", wl_counts_save(), 1);
	while (argv[n])
		n++;
	argv = calloc(n + 3, sizeof(*argv));
	if (!argv)
		die("out of memory");
	memcpy(argv, args, n * sizeof(*argv));
	argv[n] = (char[]){ "--second" };
	argv[n + 1] = fds;
	execv(as ? as : "/proc/self/exe", argv);
	die_errno("cannot execute %s", as);
}

static void second_run(void)
{
	struct instance made;

	if (sscanf(second, "%d,%d", &stays.epfd, &stays.event) != 2 || !getenv("WL_COUNTS"))
		die_usage("--second: is for this program itself");
	wl_counts_load(getenv("WL_COUNTS"));
	wl_epoll_adopt(1);
	turns(&stays);
	instance_open(&made, 1);
	turns(&made);
	wl_publish();
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "turns on each instance, each time", 1,
		  1000000 },
		{ "by", OPT_CHOICE, &by, "WHO", "executes the second program", .choices = who },
		{ "as", OPT_TEXT, &as, "PATH", "of this program, by another name" },
		{ "second", OPT_TEXT, &second, "FDS", "it is the second program: its own use" },
		{ .name = NULL },
	};
	pthread_t thread;

	args = argv;
	wl_init("exec() with an instance that stays and one that goes.",
		"  ln -s $PWD/wl_exec /tmp/second; wl_exec --by thread --as /tmp/second\n", opts,
		argc, argv);
	wl_add(WL_WOKEN, 0);
	wl_add(WL_WASTED, 0);
	wl_add(WL_PUT_BACK, 0);
	if (second) {
		second_run();
		return 0;
	}
	wl_setup();
	instance_open(&goes, 1);
	instance_open(&stays, 0);
	wl_go((int[]){ goes.epfd, stays.epfd }, 2);
	if (by == BY_MAIN)
		first_run(NULL);
	if (pthread_create(&thread, NULL, first_run, NULL))
		die("cannot start a thread");
	pthread_join(thread, NULL);
	return 0;
}
