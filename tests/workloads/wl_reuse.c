/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process ends, and another program gets its number at once (clone3() with set_tid, 5.5; needs
 * CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN). Both do the same with epoll; only what the first one did
 * is in the truth.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wl.h"

static int64_t rounds = 10, others = 1000;
static const char *reused_file;

static void rounds_run(int64_t n, bool told)
{
	int epfd, event = wl_eventfd();
	struct epoll_event ev;

	if (!told)
		wl_setup();
	epfd = wl_epoll_open();
	wl_ctl_must(epfd, EPOLL_CTL_ADD, event, EPOLLIN);
	if (!told)
		wl_go(&epfd, 1);
	wl_eventfd_write(event);
	for (int64_t i = 0; i < n; i++)
		if (wl_wait(epfd, &ev, 1, 0) != 1)
			die("the event was not delivered");
}

static void first_run(void)
{
	rounds_run(rounds, false);
	wl_add(WL_CALLBACKS, 1);
	wl_add(WL_CB_READY, 1);
	wl_add(WL_PUT_BACK, (uint64_t)rounds);
	wl_add(WL_WOKEN, 0);
	wl_publish();
	_exit(0);
}

static void second_run(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "another");
	rounds_run(others, true);
	if (reused_file)
		file_write_atomic(reused_file, "reused\n");
	pause();
	_exit(0);
}

static pid_t fork_as(pid_t want)
{
	pid_t set[1] = { want };
	struct clone_args how = { .exit_signal = SIGCHLD,
				  .set_tid = (uintptr_t)set,
				  .set_tid_size = 1 };

	return (pid_t)syscall(SYS_clone3, &how, sizeof(how));
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "waits of the first process", 1, 1000000 },
		{ "others", OPT_NUM, &others, "N", "waits of the one after it", 1, 1000000 },
		{ "reused-file", OPT_TEXT, &reused_file, "FILE", "written when that is done" },
		{ .name = NULL },
	};
	pid_t first, second;

	wl_init("A process number that is given again.",
		"  wl_reuse --rounds 10 --reused-file /tmp/reused\n", opts, argc, argv);
	first = fork();
	if (first < 0)
		die_errno("cannot fork");
	if (!first)
		first_run();
	if (waitpid(first, NULL, 0) != first)
		die_errno("cannot wait for the first process");
	second = fork_as(first);
	if (!second)
		second_run();
	if (second != first)
		die_errno("cannot get number %d again", first);
	pause();
	return 0;
}
