/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signal-driven: the kernel queues a real-time signal whenever something comes (O_ASYNC, F_SETSIG), and
 * sigwaitinfo() says for which descriptor. As with EPOLLET it tells of a change, not of what is left,
 * so a source is read until it is empty. When the queue is full, a plain SIGIO comes instead, which
 * names no descriptor: all have to be looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "io_models.h"
#include "util.h"

/* A short queue, so that it is full after the burst. */
#define PENDING_MOST 8

static void signal_set(sigset_t *set, bool sigio)
{
	sigemptyset(set);
	sigaddset(set, SIGRTMIN);
	if (sigio)
		sigaddset(set, SIGIO);
}

/* Of all signals of this user. Returns what it was. */
static rlim_t pending_limit(rlim_t most)
{
	struct rlimit limit;
	rlim_t before;

	if (getrlimit(RLIMIT_SIGPENDING, &limit))
		die_errno("cannot read the limit of pending signals");
	before = limit.rlim_cur;
	limit.rlim_cur = most;
	if (setrlimit(RLIMIT_SIGPENDING, &limit))
		die_errno("cannot set the limit of pending signals");
	return before;
}

static rlim_t limit_before;

static bool signals_prepare(struct job *j)
{
	sigset_t set;

	/* Blocked: they are to be waited for, not to interrupt. */
	signal_set(&set, true);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		die_errno("cannot block signals");
	limit_before = pending_limit(PENDING_MOST);
	for (int i = 0; i < SENDERS; i++) {
		int fd = j->sources[i].fd;

		if (fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETSIG, SIGRTMIN) ||
		    fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC))
			die_errno("cannot ask for signals");
	}
	return true;
}

static void drain(struct source *s)
{
	while (!s->over && source_receive(s))
		;
}

static void signal_came(struct job *j, const siginfo_t *info)
{
	bool all = info->si_signo == SIGIO;

	j->overflows += all;
	for (int i = 0; i < SENDERS; i++) {
		struct source *s = &j->sources[i];

		if (!all && info->si_fd != s->fd)
			continue;
		if (!j->broken)
			drain(s);
		else if (!s->over)
			source_receive(s);
	}
}

static void signals_receive(struct job *j)
{
	int ms = job_timeout_ms(j);
	const struct timespec timeout = { .tv_nsec = ms * NS_PER_MS };
	sigset_t set;

	/* Broken: a signal is taken for a message, and a full queue does not happen. */
	signal_set(&set, !j->broken);
	while (job_left(j)) {
		siginfo_t info;
		int sig = sigtimedwait(&set, &info, ms < 0 ? NULL : &timeout);

		j->waits++;
		if (sig < 0 && errno == EAGAIN)
			break;
		if (sig < 0 && errno != EINTR)
			die_errno("cannot wait for a signal");
		if (sig < 0)
			continue;
		j->events++;
		signal_came(j, &info);
	}
}

/* Nothing of it may reach what runs next. */
static void signals_end(struct job *j)
{
	const struct timespec now = { 0 };
	sigset_t set;

	for (int i = 0; i < SENDERS; i++)
		if (fcntl(j->sources[i].fd, F_SETFL, O_NONBLOCK))
			die_errno("cannot do without signals");
	signal_set(&set, true);
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
	pending_limit(limit_before);
	if (sigprocmask(SIG_UNBLOCK, &set, NULL))
		die_errno("cannot unblock signals");
}

const struct model model_signals = {
	.name = "signal-driven",
	.key = "signals",
	.prepare = signals_prepare,
	.receive = signals_receive,
	.end = signals_end,
};
