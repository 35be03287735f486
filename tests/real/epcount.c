/* SPDX-License-Identifier: GPL-2.0 */
/*
 * epcount.so, for LD_PRELOAD: counts the epoll calls of a program and their results in the file
 * EPCOUNT_DIR/PID, which outlives the process however it ends. A child after fork has its own file.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "epcount.h"

#define EPFD_MAX 256
#define FD_MAX   2048

/* What a descriptor was registered with; mask 0: it is not. */
struct item {
	epoll_data_t data;
	uint32_t mask;
};

static struct epcount nowhere;
static struct epcount *counts = &nowhere;
static struct item *items[EPFD_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*real_create)(int);
static int (*real_create1)(int);
static int (*real_ctl)(int, int, int, struct epoll_event *);
static int (*real_wait)(int, struct epoll_event *, int, int);
static int (*real_pwait)(int, struct epoll_event *, int, int, const sigset_t *);
static int (*real_pwait2)(int, struct epoll_event *, int, const struct timespec *,
			  const sigset_t *);

static void add(enum epcount_key key, uint64_t n)
{
	atomic_fetch_add_explicit(&counts->count[key], n, memory_order_relaxed);
}

static void die(const char *what)
{
	dprintf(STDERR_FILENO, "epcount: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void file_map(void)
{
	const char *dir = getenv("EPCOUNT_DIR");
	char path[4096];
	int fd;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%d", dir, getpid());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || ftruncate(fd, sizeof(*counts)))
		die(path);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counts == MAP_FAILED)
		die(path);
	close(fd);
}

static void child_start(void)
{
	pthread_mutex_init(&lock, NULL);
	file_map();
}

__attribute__((constructor)) static void begin(void)
{
	*(void **)&real_create = dlsym(RTLD_NEXT, "epoll_create");
	*(void **)&real_create1 = dlsym(RTLD_NEXT, "epoll_create1");
	*(void **)&real_ctl = dlsym(RTLD_NEXT, "epoll_ctl");
	*(void **)&real_wait = dlsym(RTLD_NEXT, "epoll_wait");
	*(void **)&real_pwait = dlsym(RTLD_NEXT, "epoll_pwait");
	*(void **)&real_pwait2 = dlsym(RTLD_NEXT, "epoll_pwait2");
	file_map();
	pthread_atfork(NULL, NULL, child_start);
}

static struct item *item_of(int epfd, int fd)
{
	if (epfd < 0 || epfd >= EPFD_MAX || fd < 0 || fd >= FD_MAX)
		die("a descriptor beyond the tables");
	if (!items[epfd])
		items[epfd] = calloc(FD_MAX, sizeof(**items));
	if (!items[epfd])
		die("items");
	return &items[epfd][fd];
}

static bool item_has(const struct item *item, epoll_data_t data)
{
	return item->mask && item->data.u64 == data.u64;
}

/* Most programs keep the descriptor in data: look there first. */
static const struct item *item_find(int epfd, epoll_data_t data)
{
	if (!items[epfd])
		return NULL;
	if (data.fd >= 0 && data.fd < FD_MAX && item_has(&items[epfd][data.fd], data))
		return &items[epfd][data.fd];
	for (int fd = 0; fd < FD_MAX; fd++)
		if (item_has(&items[epfd][fd], data))
			return &items[epfd][fd];
	return NULL;
}

/* ep_send_events links an LT item again after delivery, but not an ET or a oneshot one. */
static bool stays_ready(const struct item *item)
{
	return item && !(item->mask & (EPOLLET | EPOLLONESHOT));
}

static int created(int epfd)
{
	if (epfd < 0)
		return epfd;
	add(COUNT_creates, 1);
	pthread_mutex_lock(&lock);
	if (epfd < EPFD_MAX && items[epfd])
		memset(items[epfd], 0, FD_MAX * sizeof(**items));
	pthread_mutex_unlock(&lock);
	return epfd;
}

static void returned(int epfd, const struct epoll_event *events, int room, int n)
{
	uint64_t put_back = 0;

	if (n <= 0) {
		add(!n               ? COUNT_returns_timeout
		    : errno == EINTR ? COUNT_returns_signal
				     : COUNT_returns_error,
		    1);
		return;
	}
	add(COUNT_returns_events, 1);
	add(COUNT_returns_full, n == room);
	add(COUNT_delivered, (uint64_t)n);
	pthread_mutex_lock(&lock);
	for (int i = 0; i < n; i++)
		put_back += stays_ready(item_find(epfd, events[i].data));
	pthread_mutex_unlock(&lock);
	add(COUNT_put_back, put_back);
}

/* Sleeps of this thread that are over; each ended since somebody woke it. */
static uint64_t sleeps(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : (uint64_t)usage.ru_nvcsw;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t ns_of_ms(int timeout)
{
	return timeout < 0 ? INT64_MAX : (int64_t)timeout * 1000000;
}

static int64_t ns_of(const struct timespec *timeout)
{
	return timeout ? (int64_t)timeout->tv_sec * 1000000000 + timeout->tv_nsec : INT64_MAX;
}

/*
 * So many sleeps in a wait, its result, and whether it lasted its timeout. That or a signal ended the
 * last one if there are no events; else the timeout may have, where others had the processor and the
 * events came before the thread ran.
 */
static void slept(uint64_t times, int n, bool timed_out)
{
	add(COUNT_wakeups, times - (times && n <= 0));
	add(COUNT_wakeups_unsure, times && n > 0 && timed_out);
}

int epoll_create(int size)
{
	return created(real_create(size));
}

int epoll_create1(int flags)
{
	return created(real_create1(flags));
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	struct epoll_event want = event ? *event : (struct epoll_event){ 0 };
	int ret;

	pthread_mutex_lock(&lock);
	ret = real_ctl(epfd, op, fd, event);
	if (ret) {
		add(COUNT_ctl_errors, 1);
	} else {
		*item_of(epfd, fd) = op == EPOLL_CTL_DEL
					     ? (struct item){ 0 }
					     : (struct item){ .data = want.data,
							      .mask = want.events | EPOLLERR };
		add(op == EPOLL_CTL_ADD   ? COUNT_adds
		    : op == EPOLL_CTL_MOD ? COUNT_mods
					  : COUNT_dels,
		    1);
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

/* Counts a call with that timeout in ns; evaluates to its result. */
#define WAITED(epfd, events, room, limit, call)              \
	({                                                   \
		uint64_t before_ = sleeps();                 \
		int64_t begin_ = now_ns();                   \
		bool timed_out_;                             \
		int ret_, errno_;                            \
                                                             \
		add(COUNT_waits, 1);                         \
		ret_ = (call);                               \
		errno_ = errno;                              \
		timed_out_ = now_ns() - begin_ >= (limit);   \
		returned(epfd, events, room, ret_);          \
		slept(sleeps() - before_, ret_, timed_out_); \
		errno = errno_;                              \
		ret_;                                        \
	})

int epoll_wait(int epfd, struct epoll_event *events, int room, int timeout)
{
	return WAITED(epfd, events, room, ns_of_ms(timeout),
		      real_wait(epfd, events, room, timeout));
}

int epoll_pwait(int epfd, struct epoll_event *events, int room, int timeout, const sigset_t *mask)
{
	return WAITED(epfd, events, room, ns_of_ms(timeout),
		      real_pwait(epfd, events, room, timeout, mask));
}

int epoll_pwait2(int epfd, struct epoll_event *events, int room, const struct timespec *timeout,
		 const sigset_t *mask)
{
	return WAITED(epfd, events, room, ns_of(timeout),
		      real_pwait2(epfd, events, room, timeout, mask));
}
