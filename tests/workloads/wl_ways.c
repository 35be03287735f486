/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same calls by any way into the kernel's epoll: system calls of 64-bit and of 32-bit code, of a
 * 32-bit process, and io_uring. Every outcome is provoked: events, a full array, a partial copy,
 * timeouts, signals, errors; and errors that come before epoll is asked, which count nowhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ways.h"
#include "wl.h"

static const struct way {
	const char *name;
	const struct abi *abi;
	enum call create, wait;
	enum uring_mode uring;
} ways[] = {
	{ "glibc-wait", &abi_glibc, CALL_CREATE, CALL_WAIT, 0 },
	{ "glibc-pwait", &abi_glibc, CALL_CREATE1, CALL_PWAIT, 0 },
	{ "glibc-pwait2", &abi_glibc, CALL_CREATE1, CALL_PWAIT2, 0 },
	{ "raw-wait", &abi_raw, CALL_CREATE, CALL_WAIT, 0 },
	{ "raw-pwait", &abi_raw, CALL_CREATE1, CALL_PWAIT, 0 },
	{ "raw-pwait2", &abi_raw, CALL_CREATE1, CALL_PWAIT2, 0 },
	{ "int80-wait", &abi_int80, CALL_CREATE, CALL_WAIT, 0 },
	{ "int80-pwait", &abi_int80, CALL_CREATE1, CALL_PWAIT, 0 },
	{ "int80-pwait2", &abi_int80, CALL_CREATE1, CALL_PWAIT2, 0 },
	{ "32bit-wait", &abi_remote, CALL_CREATE, CALL_WAIT, 0 },
	{ "32bit-pwait", &abi_remote, CALL_CREATE1, CALL_PWAIT, 0 },
	{ "32bit-pwait2", &abi_remote, CALL_CREATE1, CALL_PWAIT2, 0 },
	{ "uring", &abi_uring, CALL_CREATE1, CALL_WAIT, URING_INLINE },
	{ "uring-async", &abi_uring, CALL_CREATE1, CALL_WAIT, URING_ASYNC },
	{ "uring-sqpoll", &abi_uring, CALL_CREATE1, CALL_WAIT, URING_SQPOLL },
};

static int which;
static int64_t rounds = 3;

static const struct way *way;
static const struct abi *wait_abi; /* system calls, where io_uring has no wait */
static int epfd;
static int level, edge, regular, null; /* an eventfd of each kind; what epoll refuses */

/* ---- waits ---- */

/* A wait to make: arguments, and what is wrong with them on purpose. */
struct wait {
	uintptr_t events;
	int maxevents, timeout_ms;
	bool bad_mask, bad_mask_size, bad_time, bad_time_address;
};

static bool has_mask(void)
{
	return way->wait != CALL_WAIT;
}

static long wait_call(int fd, const struct wait *w)
{
	long a[6] = { fd, (long)w->events, w->maxevents, w->timeout_ms, 0, 8 };

	if (way->wait == CALL_PWAIT2 && w->timeout_ms >= 0) {
		ARENA->timespec[0] = w->timeout_ms / 1000;
		ARENA->timespec[1] = w->timeout_ms % 1000 * NS_PER_MS;
		if (w->bad_time)
			ARENA->timespec[1] = 2 * NS_PER_S;
	}
	if (way->wait == CALL_PWAIT2)
		a[3] = w->timeout_ms < 0 ? 0 : (long)(uintptr_t)ARENA->timespec;
	if (w->bad_time_address)
		a[3] = ARENA_BAD;
	if (has_mask()) {
		ARENA->sigmask = 0;
		a[4] = w->bad_mask ? (long)ARENA_BAD : (long)(uintptr_t)&ARENA->sigmask;
		a[5] = w->bad_mask_size ? 4 : 8;
	}
	return wait_abi->call(way->wait, a);
}

static void expect(const char *what, long got, long want)
{
	if (got != want)
		die("%s: %s is %ld, not %ld", way->name, what, got, want);
}

/* What a return delivered of the level-triggered item was put back. */
static void returned(const char *what, const struct epoll_event *events, long got, long want)
{
	expect(what, wl_wait_counted((int)got), want);
	for (long i = 0; i < got; i++)
		wl_add(WL_PUT_BACK, events[i].data.u64 == (uint64_t)level);
}

static void wait_counted(const char *what, const struct wait *w, long want)
{
	wl_add(WL_WAITS, 1);
	returned(what, (void *)w->events, wait_call(epfd, w), want);
}

static struct wait good(int maxevents, int timeout_ms)
{
	return (struct wait){ .events = (uintptr_t)ARENA->events,
			      .maxevents = maxevents,
			      .timeout_ms = timeout_ms };
}

static void wait_good(const char *what, int maxevents, int timeout_ms, long want)
{
	const struct wait w = good(maxevents, timeout_ms);

	wait_counted(what, &w, want);
}

/* Not counted: fails before the instance is asked, or is none of its calls. */
static void wait_elsewhere(const char *what, int fd, const struct wait *w, long want)
{
	expect(what, wait_call(fd, w), want);
}

/* ---- a wait that sleeps ---- */

static atomic_int sleeper_tid;
static long sleeper_ret;

static void *sleeper_run(void *arg)
{
	const struct wait w = good(8, -1);

	(void)arg;
	atomic_store(&sleeper_tid, gettid());
	sleeper_ret = wait_call(epfd, &w);
	return NULL;
}

/* Returns the thread that sleeps in the kernel: all of its other calls are over. */
static pid_t sleeper_start(pthread_t *thread)
{
	pid_t tid;

	atomic_store(&sleeper_tid, 0);
	if (pthread_create(thread, NULL, sleeper_run, NULL))
		die("cannot start a thread");
	while (!(tid = atomic_load(&sleeper_tid)) || (wait_abi->remote && !remote_running()))
		sleep_ns(50 * NS_PER_US);
	if (wait_abi->remote)
		tid = remote_pid;
	wl_await_sleep(tid);
	return tid;
}

static void sleeper_end(pthread_t thread, const char *what, long want)
{
	pthread_join(thread, NULL);
	wl_add(WL_WAITS, 1);
	returned(what, (void *)ARENA->events, sleeper_ret, want);
}

/* ---- descriptors ---- */

static void make_ready(int fd)
{
	wl_eventfd_write(fd);
	wl_add(WL_CALLBACKS, 1);
}

static void make_idle(int fd)
{
	if (wl_eventfd_read(fd))
		wl_add(WL_CALLBACKS, 1);
}

static long ctl_call(int op, int fd, uint32_t events, bool bad_event)
{
	long a[6] = { epfd, op, fd, bad_event ? (long)ARENA_BAD : (long)(uintptr_t)ARENA->event };
	struct epoll_event ev = { .events = events, .data.u64 = (uint32_t)fd };

	memcpy(ARENA->event, &ev, sizeof(ev));
	return way->abi->call(CALL_CTL, a);
}

static void ctl(const char *what, int op, int fd, uint32_t events, long want)
{
	expect(what, wl_ctl_counted(op, (int)ctl_call(op, fd, events, false)), want);
}

/* ---- the rounds ---- */

static void round_ctl(void)
{
	ctl("ADD", EPOLL_CTL_ADD, level, EPOLLIN, 0);
	ctl("ADD of another", EPOLL_CTL_ADD, edge, EPOLLIN | EPOLLET, 0);
	ctl("ADD twice", EPOLL_CTL_ADD, level, EPOLLIN, -EEXIST);
	ctl("MOD", EPOLL_CTL_MOD, level, EPOLLIN | EPOLLPRI, 0);
	ctl("DEL", EPOLL_CTL_DEL, edge, 0, 0);
	ctl("DEL of nothing", EPOLL_CTL_DEL, edge, 0, -ENOENT);
	ctl("ADD again", EPOLL_CTL_ADD, edge, EPOLLIN | EPOLLET, 0);
	ctl("ADD of a closed descriptor", EPOLL_CTL_ADD, 9999, EPOLLIN, -EBADF);
	ctl("ADD of a memfd", EPOLL_CTL_ADD, regular, EPOLLIN, -EPERM);
	ctl("ADD of /dev/null", EPOLL_CTL_ADD, null, EPOLLIN, -EPERM);
	ctl("ADD of itself", EPOLL_CTL_ADD, epfd, EPOLLIN, -EINVAL);
	ctl("unknown operation", 77, level, EPOLLIN, -EINVAL);
	expect("ADD of an unreadable event", ctl_call(EPOLL_CTL_ADD, level, EPOLLIN, true),
	       -EFAULT);
}

static void round_events(void)
{
	struct wait w = good(2, -1);

	make_ready(level);
	wait_good("a wait with an event", 8, -1, 1);
	make_ready(edge);
	wait_good("a wait with two events and room for one", 1, -1, 1);
	wl_add(WL_LEFT_OVER, 1);
	wait_good("a wait with room", 8, -1, 2);
	make_ready(edge);
	w.events = ARENA_BAD - sizeof(struct epoll_event);
	wait_counted("a partial copy", &w, 1);
	wl_add(WL_LEFT_OVER, 1);
	make_ready(edge);
	w.events = ARENA_BAD;
	wait_counted("an array that cannot be written", &w, -EFAULT);
	wl_add(WL_LEFT_OVER, 2);
	wait_good("both once more", 8, -1, 2);
	make_idle(level);
	make_idle(edge);
}

static void round_errors(void)
{
	struct wait w = good(0, -1);

	wait_counted("no room", &w, -EINVAL);
	w.maxevents = -1;
	wait_counted("negative room", &w, -EINVAL);
	w = good(8, 0);
	wait_elsewhere("a closed descriptor", 9999, &w, -EBADF);
	wait_elsewhere("a descriptor that is no instance", level, &w, -EINVAL);
}

/* Threads of io-wq are made by task_work of who submits, which interrupts that one's sleep. */
static void round_times(void)
{
	if (!wait_abi->uring)
		wait_good("a look", 8, 0, 0);
	if (!wait_abi->uring && way->uring != URING_ASYNC)
		wait_good("a short wait", 8, 3, 0);
}

/* What fails before epoll is asked. */
static void round_prologue(void)
{
	struct wait w = good(8, 0);

	if (!has_mask() || wait_abi->uring)
		return;
	w.bad_mask = true;
	wait_elsewhere("an unreadable mask", epfd, &w, -EFAULT);
	w = good(8, 0);
	w.bad_mask_size = true;
	if (!wait_abi->glibc)
		wait_elsewhere("a mask of wrong size", epfd, &w, -EINVAL);
	if (way->wait != CALL_PWAIT2)
		return;
	w = good(8, 1);
	w.bad_time = true;
	wait_elsewhere("too many nanoseconds", epfd, &w, -EINVAL);
	w = good(8, 1);
	w.bad_time_address = true;
	wait_elsewhere("an unreadable timeout", epfd, &w, -EFAULT);
}

static void round_sleeps(void)
{
	pthread_t thread;
	pid_t tid;

	sleeper_start(&thread);
	make_ready(level);
	sleeper_end(thread, "a wait that was woken", 1);
	wl_add(WL_WOKEN, !wait_abi->uring); /* a request does not sleep on ep->wq */
	make_idle(level);
	if (wait_abi->uring)
		return;
	wait_good("nothing left", 8, 0, 0);
	tid = sleeper_start(&thread);
	if (syscall(SYS_tgkill, wait_abi->remote ? tid : getpid(), tid, SIGUSR2))
		die_errno("cannot send a signal");
	sleeper_end(thread, "a wait with a signal", -EINTR);
}

static void round_run(void)
{
	round_ctl();
	round_events();
	round_errors();
	round_times();
	round_prologue();
	round_sleeps();
	if (wait_abi->uring)
		uring_wait_cancelled(epfd, ARENA->events, 8);
	ctl("DEL at the end", EPOLL_CTL_DEL, level, 0, 0);
	ctl("DEL of the other", EPOLL_CTL_DEL, edge, 0, 0);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void way_open(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGUSR2, &act, NULL);
	wait_abi = way->abi;
	if (way->abi->remote)
		remote_handle_usr2();
	if (!way->abi->uring)
		return;
	if (!uring_open(way->uring))
		wait_abi = &abi_raw;
	wl_say("uring_wait=%d", wait_abi->uring);
}

/* The instance, in the process that makes the calls. */
static void instance_open(void)
{
	const long create[6] = { way->create == CALL_CREATE ? 1 : EPOLL_CLOEXEC };

	epfd = wl_create_counted((int)way->abi->call(way->create, create));
	if (epfd < 0)
		die("cannot create an instance: %s", strerror(-epfd));
}

/* wl_ways32 inherits them. */
static void files_open(void)
{
	level = eventfd(0, EFD_NONBLOCK);
	edge = eventfd(0, EFD_NONBLOCK);
	regular = memfd_create("regular", 0);
	null = open("/dev/null", O_RDONLY);
	if (level < 0 || edge < 0 || regular < 0 || null < 0)
		die_errno("cannot open what is registered");
}

/* What this kernel may lack. */
static void way_need(void)
{
	const long none[6] = { -1 };

	if (way->abi == &abi_int80 || way->abi->remote)
		need_32bit();
	if (way->wait == CALL_PWAIT2 && abi_raw.call(CALL_PWAIT2, none) == -ENOSYS)
		kernel_lacks("epoll_pwait2");
}

int main(int argc, char **argv)
{
	const char *names[ARRAY_SIZE(ways) + 1] = { NULL };
	const struct opt opts[] = {
		{ "way", OPT_CHOICE, &which, "WAY", "how calls are made", .choices = names },
		{ "rounds", OPT_NUM, &rounds, "N", "of all calls", 1, 1000000 },
		{ .name = NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		names[i] = ways[i].name;
	wl_init("All calls of epoll, by any way into the kernel.",
		"  wl_ways --way raw-pwait2\n  wl_ways --way uring --hold 60\n", opts, argc, argv);
	way = &ways[which];
	way_need();
	files_open();
	arena_map();
	if (way->abi->remote)
		remote_start();
	way_open();
	wl_setup();
	instance_open();
	wl_go(&epfd, 1);
	wl_add(WL_WOKEN, 0);
	wl_add(WL_WASTED, 0);
	wl_add(WL_CALLBACKS, 0);
	wl_add(WL_PUT_BACK, 0);
	for (int64_t i = 0; i < rounds; i++)
		round_run();
	wl_publish();
	return 0;
}
