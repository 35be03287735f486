/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "truth.h"
#include "util.h"

static const char *const key_names[T_KEYS] = {
	[T_WAITS] = "waits",
	[T_RETURNS_EVENTS] = "returns_events",
	[T_RETURNS_TIMEOUT] = "returns_timeout",
	[T_RETURNS_EINTR] = "returns_eintr",
	[T_RETURNS_ERROR] = "returns_error",
	[T_EVENTS] = "events",
	[T_ADDS] = "adds",
	[T_MODS] = "mods",
	[T_DELS] = "dels",
	[T_CTL_ERRORS] = "ctl_errors",
	[T_CLOSES_WHILE_REGISTERED] = "closes_while_registered",
	[T_ACCEPTS] = "accepts",
	[T_ACCEPT_EAGAIN] = "accept_eagain",
	[T_ACCEPT_NOFILE] = "accept_nofile",
	[T_READ_EAGAIN] = "read_eagain",
	[T_STALE_EVENTS] = "stale_events",
	[T_CONN_ERRORS] = "conn_errors",
	[T_CLOSES] = "closes",
	[T_BYTES_IN] = "bytes_in",
	[T_BYTES_OUT] = "bytes_out",
	[T_MESSAGES] = "messages",
};

void truth_add(struct truth *t, enum truth_key key, uint64_t n)
{
	/* One writer, so a plain load and store are enough, and cheaper than an atomic add. */
	uint64_t old = atomic_load_explicit(&t->v[key], memory_order_relaxed);

	atomic_store_explicit(&t->v[key], old + n, memory_order_release);
}

void truth_sum(struct truth *sum, const struct truth *t)
{
	/* From the last key to the first: a return is read before the call it belongs to. */
	for (int i = T_KEYS - 1; i >= 0; i--)
		truth_add(sum, (enum truth_key)i,
			  atomic_load_explicit(&t->v[i], memory_order_acquire));
}

void truth_print(FILE *f, const struct truth *t, char sep)
{
	uint64_t in_wait = t->v[T_WAITS] - t->v[T_RETURNS_EVENTS] - t->v[T_RETURNS_TIMEOUT] -
			   t->v[T_RETURNS_EINTR] - t->v[T_RETURNS_ERROR];

	for (int i = 0; i < T_KEYS; i++)
		fprintf(f, "%s=%" PRIu64 "%c", key_names[i], t->v[i], sep);
	fprintf(f, "in_wait=%" PRIu64 "%c", in_wait, sep);
}

void instance_open(struct instance *in)
{
	in->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (in->epfd < 0)
		die_errno("cannot create an epoll instance");
}

static int wait_call(int epfd, enum wait_call call, struct epoll_event *events, int maxevents,
		     int timeout)
{
	struct timespec ts = { .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * NS_PER_MS };

	switch (call) {
	case WAIT_PWAIT:
		return epoll_pwait(epfd, events, maxevents, timeout, NULL);
	case WAIT_PWAIT2:
		return epoll_pwait2(epfd, events, maxevents, timeout < 0 ? NULL : &ts, NULL);
	case WAIT_PLAIN:
		break;
	}
	return epoll_wait(epfd, events, maxevents, timeout);
}

int instance_wait(struct instance *in, struct truth *t, enum wait_call call,
		  struct epoll_event *events, int maxevents, int timeout)
{
	int n, err;

	truth_add(t, T_WAITS, 1);
	n = wait_call(in->epfd, call, events, maxevents, timeout);
	err = errno;
	if (n > 0) {
		truth_add(t, T_EVENTS, (uint64_t)n);
		truth_add(t, T_RETURNS_EVENTS, 1);
	} else if (n == 0) {
		truth_add(t, T_RETURNS_TIMEOUT, 1);
	} else {
		truth_add(t, err == EINTR ? T_RETURNS_EINTR : T_RETURNS_ERROR, 1);
	}
	errno = err;
	return n;
}

static void items_grow(struct instance *in)
{
	int64_t items = atomic_fetch_add(&in->items, 1) + 1;
	int64_t peak = atomic_load(&in->items_peak);

	while (items > peak && !atomic_compare_exchange_weak(&in->items_peak, &peak, items))
		;
}

int instance_ctl(struct instance *in, struct truth *t, int op, int fd, uint32_t mask, uint64_t data)
{
	struct epoll_event ev = { .events = mask, .data.u64 = data };

	if (epoll_ctl(in->epfd, op, fd, &ev)) {
		int err = errno;

		truth_add(t, T_CTL_ERRORS, 1);
		errno = err;
		return -1;
	}
	switch (op) {
	case EPOLL_CTL_ADD:
		truth_add(t, T_ADDS, 1);
		items_grow(in);
		break;
	case EPOLL_CTL_MOD:
		truth_add(t, T_MODS, 1);
		break;
	case EPOLL_CTL_DEL:
		truth_add(t, T_DELS, 1);
		atomic_fetch_sub(&in->items, 1);
		break;
	}
	return 0;
}

void instance_close_fd(struct instance *in, struct truth *t, int fd)
{
	/* eventpoll_release_file() runs in this close: nobody else holds the file. */
	close(fd);
	truth_add(t, T_CLOSES_WHILE_REGISTERED, 1);
	atomic_fetch_sub(&in->items, 1);
}
