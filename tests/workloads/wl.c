/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "wl.h"

#define OWN_OPTS_MAX 24
#define GO_LIMIT_NS  (120 * NS_PER_S)

static const char *const key_names[WL_KEYS] = {
	[WL_CREATES] = "creates",
	[WL_DESTROYS] = "destroys",
	[WL_ADDS] = "adds",
	[WL_MODS] = "mods",
	[WL_DELS] = "dels",
	[WL_CTL_ERRORS] = "ctl_errors",
	[WL_RELEASES] = "releases",
	[WL_WAITS] = "waits",
	[WL_RETURNS_EVENTS] = "returns_events",
	[WL_RETURNS_TIMEOUT] = "returns_timeout",
	[WL_RETURNS_SIGNAL] = "returns_signal",
	[WL_RETURNS_ERROR] = "returns_error",
	[WL_DELIVERED] = "delivered",
	[WL_PUT_BACK] = "put_back",
	[WL_LEFT_OVER] = "left_over",
	[WL_CALLBACKS] = "callbacks",
	[WL_CB_READY] = "cb_ready",
	[WL_CB_ALREADY] = "cb_already",
	[WL_CB_OVERFLOW] = "cb_overflow",
	[WL_CB_IGNORED] = "cb_ignored",
	[WL_OVERFLOW] = "overflow",
	[WL_WOKEN] = "woken",
	[WL_WASTED] = "wasted",
};

/* Shared with forked processes. */
struct counts {
	_Atomic uint64_t v[WL_KEYS];
	_Atomic bool known[WL_KEYS];
	_Atomic int64_t instances; /* open now */
	_Atomic int64_t items;     /* registered now, in all instances */
};

static struct counts *counts;
static const char *ready_file, *go_file, *truth_file;
static bool go_signal, setup_after_go;
static int64_t delay_ms, hold_ns;
static FILE *said;
static char *said_text;
static size_t said_len;

static const struct opt common_opts[] = {
	{ "ready-file", OPT_TEXT, &ready_file, "FILE", "written when ready: pid=.. epfds=.." },
	{ "go-file", OPT_TEXT, &go_file, "FILE", "begin when this file appears" },
	{ "go-signal", OPT_FLAG, &go_signal, NULL, "begin at SIGUSR1" },
	{ "delay-ms", OPT_NUM, &delay_ms, "MS", "begin so long after being ready", 0, 3600000 },
	{ "setup-after-go", OPT_FLAG, &setup_after_go, NULL,
	  "create instances and items after the go, not before" },
	{ "truth-file", OPT_TEXT, &truth_file, "FILE", "the truth goes there as well" },
	{ "hold", OPT_SECONDS, &hold_ns, "S", "then keep all open for S seconds or until SIGTERM",
	  0, 3600 },
	{ .name = NULL },
};

void wl_init(const char *about, const char *examples, const struct opt *own, int argc, char **argv)
{
	static const enum wl_key wrapped[] = {
		WL_CREATES,        WL_DESTROYS,        WL_ADDS,           WL_MODS,
		WL_DELS,           WL_CTL_ERRORS,      WL_RELEASES,       WL_WAITS,
		WL_RETURNS_EVENTS, WL_RETURNS_TIMEOUT, WL_RETURNS_SIGNAL, WL_RETURNS_ERROR,
		WL_DELIVERED,
	};
	struct opt all[OWN_OPTS_MAX + ARRAY_SIZE(common_opts)];
	const struct opt_set set = { about, examples, all };
	size_t n = 0;
	sigset_t go;

	for (; own[n].name; n++) {
		if (n == OWN_OPTS_MAX)
			die("more than %d options; raise OWN_OPTS_MAX", OWN_OPTS_MAX);
		all[n] = own[n];
	}
	memcpy(&all[n], common_opts, sizeof(common_opts));
	opts_parse(&set, argc, argv);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	said = open_memstream(&said_text, &said_len);
	if (counts == MAP_FAILED || !said)
		die_errno("no memory for the counts");
	for (size_t i = 0; i < ARRAY_SIZE(wrapped); i++)
		wl_add(wrapped[i], 0);
	sigemptyset(&go);
	sigaddset(&go, SIGUSR1);
	if (go_signal)
		sigprocmask(SIG_BLOCK, &go, NULL);
}

static void ready_say(const int *epfds, int count)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		die("out of memory");
	fprintf(f, "pid=%d epfds=", getpid());
	for (int i = 0; i < count; i++)
		fprintf(f, "%s%d", i ? "," : "", epfds[i]);
	fputc('\n', f);
	fclose(f);
	if (ready_file)
		file_write_atomic(ready_file, text);
	free(text);
}

static void go_await(void)
{
	int64_t limit = now_ns() + GO_LIMIT_NS;
	/* Slower after a while: many that wait would starve the rest under emulation. */
	struct timespec tick = { .tv_nsec = 5 * NS_PER_MS };
	const int64_t slow = now_ns() + 200 * NS_PER_MS;
	bool signalled = !go_signal, file = !go_file;
	sigset_t go;

	sigemptyset(&go);
	sigaddset(&go, SIGUSR1);
	while (!signalled || !file) {
		if (now_ns() > limit)
			die("no go within %d s; create the go file or send SIGUSR1",
			    (int)(GO_LIMIT_NS / NS_PER_S));
		if (now_ns() > slow)
			tick.tv_nsec = 50 * NS_PER_MS;
		if (go_signal && !signalled)
			signalled = sigtimedwait(&go, NULL, &tick) == SIGUSR1;
		else
			sleep_ns(tick.tv_nsec);
		file = !go_file || !access(go_file, F_OK);
	}
	sleep_ns(delay_ms * NS_PER_MS);
}

void wl_setup(void)
{
	if (!setup_after_go)
		return;
	ready_say(NULL, 0);
	go_await();
}

void wl_go(const int *epfds, int count)
{
	if (setup_after_go)
		return;
	for (int i = 0; i < WL_KEYS; i++)
		atomic_store(&counts->v[i], 0);
	ready_say(epfds, count);
	go_await();
}

void wl_publish(void)
{
	struct timespec hold = { .tv_sec = hold_ns / NS_PER_S, .tv_nsec = hold_ns % NS_PER_S };
	sigset_t end;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	if (hold_ns)
		sigprocmask(SIG_BLOCK, &end, NULL);
	for (int i = 0; i < WL_KEYS; i++) {
		if (counts->known[i])
			wl_say("%s=%" PRIu64, key_names[i], wl_get((enum wl_key)i));
	}
	wl_say("instances=%" PRId64, atomic_load(&counts->instances));
	wl_say("items=%" PRId64, atomic_load(&counts->items));
	wl_say("pid=%d", getpid());
	fclose(said);
	if (fputs(said_text, stdout) < 0 || fflush(stdout))
		die_errno("cannot write the truth to stdout");
	if (truth_file)
		file_write_atomic(truth_file, said_text);
	free(said_text);
	if (hold_ns) /* what io_uring has left to do interrupts it */
		while (sigtimedwait(&end, NULL, &hold) < 0 && errno == EINTR)
			;
}

void wl_add(enum wl_key key, uint64_t n)
{
	atomic_fetch_add(&counts->v[key], n);
	atomic_store(&counts->known[key], true);
}

uint64_t wl_get(enum wl_key key)
{
	return atomic_load(&counts->v[key]);
}

void wl_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(said, fmt, args);
	va_end(args);
	fputc('\n', said);
}

int wl_create_counted(int ret)
{
	if (ret < 0)
		return ret;
	wl_add(WL_CREATES, 1);
	atomic_fetch_add(&counts->instances, 1);
	return ret;
}

int wl_epoll_open(void)
{
	int epfd = wl_create_counted(epoll_create1(EPOLL_CLOEXEC));

	if (epfd < 0)
		die_errno("cannot create an epoll instance");
	return epfd;
}

void wl_epoll_adopt(int64_t items)
{
	atomic_fetch_add(&counts->instances, 1);
	atomic_fetch_add(&counts->items, items);
}

const char *wl_counts_save(void)
{
	static char text[WL_KEYS * 21 + 1];
	size_t used = 0;

	for (int i = 0; i < WL_KEYS; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%" PRIu64 " ",
					 atomic_load(&counts->v[i]));
	return text;
}

void wl_counts_load(const char *text)
{
	char *end;

	for (int i = 0; i < WL_KEYS; i++, text = end) {
		uint64_t n = strtoull(text, &end, 10);

		if (end == text)
			die("counts of the program before: too few");
		if (n)
			wl_add((enum wl_key)i, n);
	}
}

void wl_epoll_close(int epfd, int64_t items)
{
	if (close(epfd))
		die_errno("cannot close the epoll instance");
	wl_add(WL_DESTROYS, 1);
	atomic_fetch_sub(&counts->instances, 1);
	atomic_fetch_sub(&counts->items, items);
}

int wl_ctl_counted(int op, int ret)
{
	if (ret) {
		wl_add(WL_CTL_ERRORS, 1);
		return ret;
	}
	switch (op) {
	case EPOLL_CTL_ADD:
		wl_add(WL_ADDS, 1);
		atomic_fetch_add(&counts->items, 1);
		break;
	case EPOLL_CTL_MOD:
		wl_add(WL_MODS, 1);
		break;
	case EPOLL_CTL_DEL:
		wl_add(WL_DELS, 1);
		atomic_fetch_sub(&counts->items, 1);
		break;
	}
	return 0;
}

int wl_ctl(int epfd, int op, int fd, uint32_t events)
{
	return wl_ctl_data(epfd, op, fd, events, (uint32_t)fd);
}

int wl_ctl_data(int epfd, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = { .events = events, .data.u64 = data };

	return wl_ctl_counted(op, epoll_ctl(epfd, op, fd, &ev) ? -errno : 0);
}

void wl_ctl_must(int epfd, int op, int fd, uint32_t events)
{
	int err = wl_ctl(epfd, op, fd, events);

	if (err) {
		errno = -err;
		die_errno("epoll_ctl(%d, %d, %d) failed", epfd, op, fd);
	}
}

int wl_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
	return wl_pwait(epfd, events, maxevents, timeout, NULL);
}

int wl_wait_counted(int ret)
{
	if (ret > 0) {
		wl_add(WL_RETURNS_EVENTS, 1);
		wl_add(WL_DELIVERED, (uint64_t)ret);
	} else if (!ret) {
		wl_add(WL_RETURNS_TIMEOUT, 1);
	} else {
		wl_add(ret == -EINTR ? WL_RETURNS_SIGNAL : WL_RETURNS_ERROR, 1);
	}
	return ret;
}

int wl_pwait(int epfd, struct epoll_event *events, int maxevents, int timeout,
	     const sigset_t *sigmask)
{
	int n;

	wl_add(WL_WAITS, 1);
	n = sigmask ? epoll_pwait(epfd, events, maxevents, timeout, sigmask)
		    : epoll_wait(epfd, events, maxevents, timeout);
	return wl_wait_counted(n < 0 ? -errno : n);
}

void wl_close_registered(int fd, int64_t items)
{
	if (close(fd))
		die_errno("cannot close descriptor %d", fd);
	wl_add(WL_RELEASES, (uint64_t)items);
	atomic_fetch_sub(&counts->items, items);
}

int wl_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		die_errno("cannot create an eventfd");
	return fd;
}

void wl_eventfd_write(int fd)
{
	if (eventfd_write(fd, 1))
		die_errno("cannot write to the eventfd");
}

bool wl_eventfd_read(int fd)
{
	eventfd_t value;

	if (!eventfd_read(fd, &value))
		return true;
	if (errno != EAGAIN)
		die_errno("cannot read the eventfd");
	return false;
}
