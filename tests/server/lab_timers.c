/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time and signals as events. A loop that serves a socket beside a periodic timerfd and a signalfd;
 * then what each of these does alone: a timer that is read late, signals that merge, a signal that
 * interrupts since no signalfd takes it, and waits that end by their timeout.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

#define MESSAGE   64
#define LOOP_TICK (10 * NS_PER_MS)
#define LATE_TICK NS_PER_MS
#define LATE_FOR  5 /* ticks that pass before the timer is read */
#define MERGED    3 /* standard signals sent before one is read */

static int64_t rounds = 100;
static volatile sig_atomic_t interrupts;

static void on_signal(int sig)
{
	(void)sig;
	interrupts++;
}

static void signal_handle(int sig)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	if (sigaction(sig, &act, NULL))
		die_errno("cannot handle signal %d", sig);
}

static void signal_mask(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	if (sigprocmask(how, &set, NULL))
		die_errno("cannot change the mask of signals");
}

static int signalfd_open(int sig)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, sig);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		die_errno("cannot create a signalfd");
	return fd;
}

/* One siginfo. Returns false if there is none: a handler took the signal after the event was told. */
static bool signalfd_take(int fd, int sig)
{
	struct signalfd_siginfo info;
	ssize_t n = read(fd, &info, sizeof(info));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n != sizeof(info))
		die_errno("cannot read the signalfd");
	if (info.ssi_signo != (uint32_t)sig)
		die("signal %d, not %d", (int)info.ssi_signo, sig);
	return true;
}

/* ---- a timer, and what is due by the clock ---- */

struct timer {
	int fd;
	int64_t begin, interval;
	int64_t ticks; /* read so far */
	int64_t reads, wrong;
};

static void timer_open(struct timer *t, int64_t interval)
{
	*t = (struct timer){ .interval = interval };
	t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (t->fd < 0)
		die_errno("cannot create a timer");
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
}

/* The first tick comes one interval from now. */
static void timer_arm(struct timer *t)
{
	struct itimerspec when = { .it_interval = timespec_of(t->interval) };

	t->begin = now_ns();
	t->ticks = 0;
	when.it_value = timespec_of(t->begin + t->interval);
	if (timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &when, NULL))
		die_errno("cannot arm the timer");
}

static void timer_disarm(struct timer *t)
{
	const struct itimerspec never = { .it_value.tv_sec = 0 };

	if (timerfd_settime(t->fd, 0, &never, NULL))
		die_errno("cannot disarm the timer");
}

/* One read tells all ticks since the last one. All that were due by the clock have to be there. */
static void timer_take(struct timer *t)
{
	int64_t before = now_ns(), after;
	uint64_t n;

	if (read(t->fd, &n, sizeof(n)) != sizeof(n))
		die_errno("an event of the timer, and no tick");
	after = now_ns();
	t->ticks += (int64_t)n;
	t->reads++;
	t->wrong += t->ticks < (before - t->begin) / t->interval ||
		    t->ticks > (after - t->begin) / t->interval;
}

/* ---- clients: processes of their own at the other end of a socket ---- */

static int client_start(void (*run)(int fd))
{
	int fds[2];
	pid_t pid;

	lab_socketpair(fds);
	pid = fork();
	if (pid < 0)
		die_errno("cannot fork");
	if (pid) {
		close(fds[1]);
		return fds[0];
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		die_errno("prctl failed");
	close(fds[0]);
	run(fds[1]);
	_exit(0);
}

static void client_end(int fd)
{
	close(fd);
	if (wait(NULL) < 0)
		die_errno("cannot wait for the client");
}

static void signal_send(void)
{
	if (sigqueue(getppid(), SIGRTMIN, (union sigval){ 0 }))
		die_errno("cannot send a signal");
}

/* Each round: a message that is echoed, then a signal that no one answers. */
static void client_of_loop(int fd)
{
	for (int64_t i = 0; i < rounds; i++) {
		lab_write(fd, MESSAGE);
		lab_read(fd, MESSAGE);
		signal_send();
		sleep_ns(2 * NS_PER_MS);
	}
}

/* A signal for each byte. */
static void client_of_interrupted(int fd)
{
	for (int64_t i = 0; i < rounds; i++) {
		lab_read(fd, 1);
		signal_send();
	}
}

/* ---- the cases ---- */

struct loop {
	int epfd, sock, sigfd;
	struct timer timer;
	int64_t messages, signals, ends;
};

static void loop_socket(struct loop *l)
{
	bool eof;

	if (lab_drain(l->sock, &eof)) {
		lab_write(l->sock, MESSAGE);
		l->messages++;
	}
	if (eof) {
		lab_del(l->epfd, l->sock);
		l->ends++;
	}
}

static void loop_event(struct loop *l, int fd)
{
	if (fd == l->sock) {
		loop_socket(l);
	} else if (fd == l->timer.fd) {
		timer_take(&l->timer);
	} else {
		l->signals += signalfd_take(fd, SIGRTMIN);
	}
}

static void loop_serve(struct loop *l)
{
	struct epoll_event ev[8];

	while (!l->ends || l->signals + interrupts < rounds) {
		int n = epoll_wait(l->epfd, ev, ARRAY_SIZE(ev), -1);

		if (n < 0 && errno != EINTR)
			die_errno("epoll_wait failed");
		for (int i = 0; i < n; i++)
			loop_event(l, ev[i].data.fd);
	}
}

static void loop_case(void)
{
	struct loop l = { .epfd = lab_epoll("loop") };

	signal_handle(SIGRTMIN);
	/* Broken: the signal is not blocked, so that it goes to the handler, not to the signalfd. */
	if (!lab_broken)
		signal_mask(SIG_BLOCK, SIGRTMIN);
	l.sigfd = signalfd_open(SIGRTMIN);
	timer_open(&l.timer, LOOP_TICK);
	l.sock = client_start(client_of_loop);
	lab_add(l.epfd, l.sock, EPOLLIN);
	lab_add(l.epfd, l.sigfd, EPOLLIN);
	lab_add(l.epfd, l.timer.fd, EPOLLIN);
	timer_arm(&l.timer);
	loop_serve(&l);
	client_end(l.sock);
	lab_say("loop: %d messages, %d signals, %d ticks in %d reads", (int)l.messages,
		(int)l.signals, (int)l.timer.ticks, (int)l.timer.reads);
	lab_number("loop_signals", l.signals);
	lab_number("loop_timer_reads", l.timer.reads);
	lab_number("loop_ticks_wrong", l.timer.wrong);
}

/* A periodic timer that nobody reads for some ticks: one event, and the read tells how many. */
static void late_case(void)
{
	int epfd = lab_epoll("late");
	int64_t ticks = 0;
	struct timer t;

	timer_open(&t, LATE_TICK);
	lab_add(epfd, t.fd, EPOLLIN);
	for (int64_t i = 0; i < rounds; i++) {
		timer_arm(&t);
		sleep_until_ns(t.begin + LATE_FOR * t.interval);
		if (!lab_wait_one(epfd, 1000))
			die("no event of a timer that has expired");
		timer_take(&t);
		timer_disarm(&t);
		if (lab_wait_one(epfd, 0))
			die("an event of a timer that was read and disarmed");
		ticks += t.ticks;
	}
	lab_say("late: %d ticks in %d reads", (int)ticks, (int)t.reads);
	lab_number("late_ticks", ticks);
	lab_number("late_ticks_wrong", t.wrong);
}

/* A standard signal that is pending already is not queued again. */
static void merged_case(void)
{
	int epfd = lab_epoll("merged"), fd;
	int64_t taken = 0;

	signal_mask(SIG_BLOCK, SIGUSR1);
	fd = signalfd_open(SIGUSR1);
	lab_add(epfd, fd, EPOLLIN);
	for (int64_t i = 0; i < rounds; i++) {
		for (int k = 0; k < MERGED; k++)
			if (kill(getpid(), SIGUSR1))
				die_errno("cannot send a signal");
		while (lab_wait_one(epfd, 0))
			taken += signalfd_take(fd, SIGUSR1);
	}
	lab_say("merged: %d SIGUSR1 sent, %d read", (int)(MERGED * rounds), (int)taken);
	lab_number("merged_taken", taken);
}

/* No signalfd. The signal is open during the wait alone, so that each ends one wait. */
static void interrupted_case(void)
{
	int epfd = lab_epoll("interrupted"), fd;
	struct epoll_event ev;
	sigset_t none;

	signal_mask(SIG_BLOCK, SIGRTMIN);
	sigemptyset(&none);
	interrupts = 0;
	fd = client_start(client_of_interrupted);
	for (int64_t i = 0; i < rounds; i++) {
		lab_write(fd, 1);
		if (epoll_pwait(epfd, &ev, 1, -1, &none) >= 0 || errno != EINTR)
			die("a wait ended otherwise than by the signal");
	}
	client_end(fd);
	lab_say("interrupted: the handler ran %d times", (int)interrupts);
	lab_number("interrupts", interrupts);
}

static int order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Waits on an instance without items. Returns how many ended before their time. */
static int64_t timeout_case(const char *name, int timeout_ms, int waits)
{
	int64_t late[64], early = 0, begin;
	int epfd = lab_epoll(name);

	for (int i = 0; i < waits; i++) {
		begin = now_ns();
		if (lab_wait_one(epfd, timeout_ms))
			die("an event of nothing");
		late[i] = now_ns() - begin - timeout_ms * NS_PER_MS;
		early += late[i] < 0;
	}
	qsort(late, (size_t)waits, sizeof(late[0]), order);
	lab_say("%s: %d waits, late by %.3f ms at least, %.3f in the middle, %.3f at most", name,
		waits, (double)late[0] / 1e6, (double)late[waits / 2] / 1e6,
		(double)late[waits - 1] / 1e6);
	return early;
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "of each case", 1, 1000 },
		{ .name = NULL },
	};

	lab_init("Timers and signals as events, and how late a timeout ends.", own, argc, argv);
	lab_number("rounds", rounds);
	lab_number("late_for", LATE_FOR);
	loop_case();
	late_case();
	merged_case();
	interrupted_case();
	lab_number("early", timeout_case("timeout-1ms", 1, 50) +
				    timeout_case("timeout-10ms", 10, 20) +
				    timeout_case("timeout-50ms", 50, 5));
	lab_done();
	return 0;
}
