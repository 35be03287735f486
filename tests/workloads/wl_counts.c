/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One process, one item. A model of what ep_poll_callback() and ep_send_events() do with it runs
 * along, and every return value is compared with the model: what is printed is what happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "wl.h"

enum {
	MODE_LT,
	MODE_ET,
	MODE_ONESHOT
};
enum {
	KIND_EVENTFD,
	KIND_PIPE
};

static const char *const modes[] = { "lt", "et", "oneshot", NULL };
static const char *const kinds[] = { "eventfd", "pipe", NULL };

static int mode, kind;
static int64_t rounds = 100, writes = 2, waits = 1, empty_waits = 1, mods, timeouts = 3,
	       signals = 3;
static bool errors;

/* The item, and what the kernel knows of it. */
static struct {
	int epfd;
	int rfd, wfd;
	bool readable; /* its file */
	bool linked;   /* on rdllist */
	bool enabled;  /* EPOLLONESHOT has not disabled it */
} item;

static uint32_t item_mask(void)
{
	return EPOLLIN | (mode == MODE_ET ? (uint32_t)EPOLLET : 0) |
	       (mode == MODE_ONESHOT ? EPOLLONESHOT : 0);
}

/* ep_poll_callback() for this item, with a key of EPOLLIN (wanted) or EPOLLOUT (not). */
static void model_callback(bool wanted)
{
	wl_add(WL_CALLBACKS, 1);
	if (!wanted || !item.enabled) {
		wl_add(WL_CB_IGNORED, 1);
	} else if (item.linked) {
		wl_add(WL_CB_ALREADY, 1);
	} else {
		wl_add(WL_CB_READY, 1);
		item.linked = true;
	}
}

static void item_write(void)
{
	if (kind == KIND_EVENTFD)
		wl_eventfd_write(item.wfd);
	else if (write(item.wfd, "x", 1) != 1)
		die_errno("cannot write to the pipe");
	item.readable = true;
	model_callback(true);
}

static void item_read(void)
{
	char buf[4096];

	if (kind == KIND_EVENTFD) {
		/* eventfd_read() frees space, and says so to everybody on the wait queue. */
		if (!wl_eventfd_read(item.rfd))
			die("the eventfd is empty, the model says it is not");
		model_callback(false);
	} else if (read(item.rfd, buf, sizeof(buf)) < 1) {
		/* pipe_read() wakes writers only, and they have a wait queue of their own. */
		die_errno("cannot read from the pipe");
	}
	item.readable = false;
}

static void item_mod(void)
{
	wl_ctl_must(item.epfd, EPOLL_CTL_MOD, item.rfd, item_mask());
	item.enabled = true;
	/* ep_modify() polls the file and links a ready item itself, without a callback. */
	if (item.readable)
		item.linked = true;
}

static void item_wait(void)
{
	struct epoll_event ev;
	int expected = item.linked && item.enabled && item.readable;
	int n = wl_wait(item.epfd, &ev, 1, 0);

	if (n != expected)
		die("epoll_wait returned %d, the model says %d", n, expected);
	item.linked = n && mode == MODE_LT;
	wl_add(WL_PUT_BACK, item.linked);
	if (n && mode == MODE_ONESHOT)
		item.enabled = false;
}

static void round_run(void)
{
	for (int64_t i = 0; i < writes; i++)
		item_write();
	for (int64_t i = 0; i < mods; i++)
		item_mod();
	for (int64_t i = 0; i < waits; i++)
		item_wait();
	if (mode == MODE_ONESHOT) {
		item_mod(); /* armed again while readable: reported again */
		item_wait();
	}
	item_read();
	if (mode == MODE_ONESHOT)
		item_mod();
	for (int64_t i = 0; i < empty_waits; i++)
		item_wait();
}

static void timeouts_run(void)
{
	struct epoll_event ev;

	for (int64_t i = 0; i < timeouts; i++) {
		if (wl_wait(item.epfd, &ev, 1, 1))
			die("epoll_wait did not time out");
	}
	if (timeouts || signals)
		item.linked = false; /* a scan dropped it: not readable */
}

static void signal_ignore(int sig)
{
	(void)sig;
}

/* SIGALRM is let in by epoll_pwait alone, so it cannot come before the wait and be lost. */
static void signals_run(void)
{
	struct sigaction act = { .sa_handler = signal_ignore };
	struct itimerval soon = { .it_value.tv_usec = 2000 };
	sigset_t alarm_only, before;
	struct epoll_event ev;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigaction(SIGALRM, &act, NULL);
	sigprocmask(SIG_BLOCK, &alarm_only, &before);
	for (int64_t i = 0; i < signals; i++) {
		setitimer(ITIMER_REAL, &soon, NULL);
		if (wl_pwait(item.epfd, &ev, 1, -1, &before) != -EINTR)
			die("epoll_pwait was not interrupted");
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void expect_errno(const char *what, int got, int expected)
{
	if (got != -expected)
		die("%s: got errno %d instead of %d", what, -got, expected);
	wl_say("%s=1", what);
}

/* Failing waits. Those without a valid instance belong to none and are not counted as waits. */
static void wait_errors_run(void)
{
	void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct epoll_event ev;

	expect_errno("wait_EINVAL", wl_wait(item.epfd, &ev, 0, 0), EINVAL);
	item_write();
	expect_errno("wait_EFAULT", wl_wait(item.epfd, page, 1, 0), EFAULT);
	wl_add(WL_LEFT_OVER, 1); /* ep_send_events() puts it back on the scan's list */
	item_wait();
	item_read();
	if (mode == MODE_ONESHOT)
		item_mod();
	item_wait();
	expect_errno("nowhere_wait_EBADF", epoll_wait(-1, &ev, 1, 0) < 0 ? -errno : 0, EBADF);
	expect_errno("nowhere_wait_EINVAL", epoll_wait(item.rfd, &ev, 1, 0) < 0 ? -errno : 0,
		     EINVAL);
	munmap(page, 4096);
}

/* Failing epoll_ctl calls, all on the instance but the last two. */
static void ctl_errors_run(void)
{
	int file = memfd_create("regular", MFD_CLOEXEC), outer = wl_epoll_open();
	struct epoll_event ev = { .events = EPOLLIN };
	int unknown = wl_eventfd(), ep = item.epfd;

	expect_errno("ctl_EEXIST", wl_ctl(ep, EPOLL_CTL_ADD, item.rfd, EPOLLIN), EEXIST);
	expect_errno("ctl_mod_ENOENT", wl_ctl(ep, EPOLL_CTL_MOD, unknown, EPOLLIN), ENOENT);
	expect_errno("ctl_del_ENOENT", wl_ctl(ep, EPOLL_CTL_DEL, unknown, 0), ENOENT);
	expect_errno("ctl_EPERM", wl_ctl(ep, EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
	expect_errno("ctl_EINVAL", wl_ctl(ep, EPOLL_CTL_ADD, ep, EPOLLIN), EINVAL);
	close(unknown);
	expect_errno("ctl_EBADF", wl_ctl(ep, EPOLL_CTL_ADD, unknown, EPOLLIN), EBADF);
	wl_ctl_must(outer, EPOLL_CTL_ADD, ep, EPOLLIN);
	item.linked = item.linked && item.readable; /* that polled the inner one's ready list */
	expect_errno("ctl_ELOOP", wl_ctl(ep, EPOLL_CTL_ADD, outer, EPOLLIN), ELOOP);
	wl_ctl_must(outer, EPOLL_CTL_DEL, ep, 0);
	wl_epoll_close(outer, 0);
	expect_errno("nowhere_ctl_EBADF", epoll_ctl(-1, EPOLL_CTL_ADD, item.rfd, &ev) ? -errno : 0,
		     EBADF);
	expect_errno("nowhere_ctl_EINVAL",
		     epoll_ctl(item.rfd, EPOLL_CTL_ADD, item.rfd, &ev) ? -errno : 0, EINVAL);
	close(file);
}

static void item_open(void)
{
	int fds[2];

	item.epfd = wl_epoll_open();
	if (kind == KIND_EVENTFD) {
		item.rfd = wl_eventfd();
		item.wfd = item.rfd;
	} else {
		if (pipe2(fds, O_NONBLOCK | O_CLOEXEC))
			die_errno("cannot create a pipe");
		item.rfd = fds[0];
		item.wfd = fds[1];
	}
	item.enabled = true;
	wl_ctl_must(item.epfd, EPOLL_CTL_ADD, item.rfd, item_mask());
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "mode", OPT_CHOICE, &mode, "MODE", "lt, et or oneshot", .choices = modes },
		{ "kind", OPT_CHOICE, &kind, "KIND", "eventfd or pipe", .choices = kinds },
		{ "rounds", OPT_NUM, &rounds, "N", "of: writes, waits, a read, empty waits", 0,
		  10000000 },
		{ "writes", OPT_NUM, &writes, "N", "per round", 1, 1000 },
		{ "mods", OPT_NUM, &mods, "N", "EPOLL_CTL_MOD per round", 0, 1000 },
		{ "waits", OPT_NUM, &waits, "N", "per round while it is readable", 0, 1000 },
		{ "empty-waits", OPT_NUM, &empty_waits, "N", "per round after the read", 0, 1000 },
		{ "timeouts", OPT_NUM, &timeouts, "N", "waits of 1 ms that time out", 0, 10000 },
		{ "signals", OPT_NUM, &signals, "N", "waits that a signal ends", 0, 10000 },
		{ "errors", OPT_FLAG, &errors, NULL, "make each call fail in every way" },
		{ .name = NULL },
	};

	wl_init("One process, one descriptor: every figure follows from the kernel's source.",
		"  wl_counts --rounds 1000 --writes 3 --errors\n  wl_counts --mode et --waits 2\n",
		opts, argc, argv);
	if (kind == KIND_PIPE && writes > 1)
		die_usage("--kind pipe: whether a second write wakes differs between kernels; use "
			  "--writes 1");
	wl_setup();
	item_open();
	wl_go(&item.epfd, 1);
	/* Never asleep when something becomes ready. */
	wl_add(WL_WOKEN, 0);
	wl_add(WL_WASTED, 0);
	for (int64_t i = 0; i < rounds; i++)
		round_run();
	timeouts_run();
	signals_run();
	if (errors) {
		wait_errors_run();
		ctl_errors_run();
	}
	wl_publish();
	wl_epoll_close(item.epfd, 1);
	return 0;
}
