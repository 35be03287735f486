/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include "wakeup.h"

static volatile sig_atomic_t resized, suspended;
static struct sigaction old_winch, old_tstp;
static sigset_t old_mask, wait_mask;
static bool started;

static void on_winch(int sig)
{
	(void)sig;
	resized = 1;
}

static void on_tstp(int sig)
{
	(void)sig;
	suspended = 1;
}

static void signals_of_interest(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGWINCH);
	sigaddset(set, SIGTSTP);
}

void wakeup_start(void)
{
	struct sigaction winch = { .sa_handler = on_winch };
	struct sigaction tstp = { .sa_handler = on_tstp };
	sigset_t set;

	if (started)
		return;
	signals_of_interest(&set);
	sigprocmask(SIG_BLOCK, &set, &old_mask);
	wait_mask = old_mask;
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&set, sig) == 1)
			sigdelset(&wait_mask, sig);
	sigaction(SIGWINCH, &winch, &old_winch);
	sigaction(SIGTSTP, &tstp, &old_tstp);
	started = true;
}

void wakeup_stop(void)
{
	if (!started)
		return;
	sigaction(SIGWINCH, &old_winch, NULL);
	sigaction(SIGTSTP, &old_tstp, NULL);
	sigprocmask(SIG_SETMASK, &old_mask, NULL);
	started = false;
}

enum wait_result wakeup_wait(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct timespec ts = { .tv_sec = timeout_ms / 1000,
			       .tv_nsec = (long)(timeout_ms % 1000) * 1000000 };
	int n = ppoll(&pfd, 1, timeout_ms < 0 ? NULL : &ts, &wait_mask);

	if (n < 0)
		return errno == EINTR ? WAIT_SIGNAL : WAIT_HANGUP;
	if (n == 0)
		return WAIT_TIMEOUT;
	return pfd.revents & POLLIN ? WAIT_INPUT : WAIT_HANGUP;
}

bool wakeup_take_resize(void)
{
	bool was = resized;

	resized = 0;
	return was;
}

bool wakeup_take_suspend(void)
{
	bool was = suspended;

	suspended = 0;
	return was;
}
