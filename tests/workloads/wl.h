/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all workloads share. A workload does
 *
 *	wl_init()      parse the command line
 *	wl_setup()     with --setup-after-go: say it is ready and wait for the go
 *	...            create instances and items
 *	wl_go()        otherwise do so here, and count from here on
 *	...            what is measured
 *	wl_publish()   print the truth, then keep everything open for --hold seconds
 *	...            close the instances before anything they watch
 *
 * and counts through the calls below. A key is printed only if the workload knows it: the calls
 * that wrap epoll know theirs, the others are known once wl_add() was called for them, also with 0.
 * The truth is what holds when it is printed: instances and items are those that exist then, and
 * their end, when the program ends, is not counted.
 */
#ifndef TESTS_WL_H
#define TESTS_WL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "opts.h"
#include "util.h"

/* Exit status when the kernel or the rights here do not allow the workload. */
#define EXIT_SKIPPED 77

enum wl_key {
	WL_CREATES,
	WL_DESTROYS,
	WL_ADDS, /* successful epoll_ctl */
	WL_MODS,
	WL_DELS,
	WL_CTL_ERRORS,
	WL_RELEASES, /* items removed since their file was closed */
	WL_WAITS,
	WL_RETURNS_EVENTS,
	WL_RETURNS_TIMEOUT,
	WL_RETURNS_SIGNAL,
	WL_RETURNS_ERROR,
	WL_DELIVERED,
	WL_PUT_BACK,
	WL_LEFT_OVER,   /* items that a scan left on its list */
	WL_CALLBACKS,   /* calls of ep_poll_callback, and of them: */
	WL_CB_READY,    /* linked the item to rdllist */
	WL_CB_ALREADY,  /* found it there, or on ovflist */
	WL_CB_OVERFLOW, /* put it on ovflist: a scan was running */
	WL_CB_IGNORED,  /* event not asked for, or item disabled */
	WL_OVERFLOW,    /* items on ovflist at the end of scans */
	WL_WOKEN,
	WL_WASTED,
	WL_KEYS,
};

/*
 * Parse the workload's own options (ending with a NULL name) and the common ones. Exits with 0
 * after --help, with 2 on wrong use.
 */
void wl_init(const char *about, const char *examples, const struct opt *own, int argc, char **argv);

/* See above. */
void wl_setup(void);

/*
 * See above. epfds are the descriptors written to the ready file. Counts made so far are dropped,
 * unless the go came before the setup.
 */
void wl_go(const int *epfds, int count);

/* See above. Call once, from the thread that called wl_go(). */
void wl_publish(void);

/* Count; from any thread, and from processes forked after wl_init(). */
void wl_add(enum wl_key key, uint64_t n);

/* What was counted so far. */
uint64_t wl_get(enum wl_key key);

/* Add a line of key=value of the workload's own to the truth. Not from forked processes. */
void wl_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* epoll_create1, counted; dies on failure. */
int wl_epoll_open(void);

/* An instance that came from elsewhere, with so many items: inherited or received. */
void wl_epoll_adopt(int64_t items);

/*
 * All counts as text, for the environment of a program that goes on in exec(); and there, instead of
 * wl_setup() and wl_go(), taken over from it. The text is static.
 */
const char *wl_counts_save(void);
void wl_counts_load(const char *text);

/* Close the last descriptor of an instance that still has so many items. */
void wl_epoll_close(int epfd, int64_t items);

/* epoll_ctl with fd as user data, counted. Returns 0 or -errno. */
int wl_ctl(int epfd, int op, int fd, uint32_t events);

/* The same with other user data. */
int wl_ctl_data(int epfd, int op, int fd, uint32_t events, uint64_t data);

/* wl_ctl(), but dies on failure. */
void wl_ctl_must(int epfd, int op, int fd, uint32_t events);

/* epoll_wait, counted. Returns the number of events or -errno. timeout in ms, -1: none. */
int wl_wait(int epfd, struct epoll_event *events, int maxevents, int timeout);

/* epoll_pwait with sigmask, counted. Returns as wl_wait(). */
int wl_pwait(int epfd, struct epoll_event *events, int maxevents, int timeout,
	     const sigset_t *sigmask);

/*
 * Count a call that was made some other way: ret is its result or -errno, and is returned. Of a wait
 * this is the return; its entry is one of WL_WAITS.
 */
int wl_create_counted(int ret);
int wl_ctl_counted(int op, int ret);
int wl_wait_counted(int ret);

/* Close the last descriptor of a file that is registered as so many items. */
void wl_close_registered(int fd, int64_t items);

/* A non-blocking eventfd; dies on failure. */
int wl_eventfd(void);

/* Add 1 to an eventfd: one wakeup with EPOLLIN of whatever hangs on it. */
void wl_eventfd_write(int fd);

/*
 * Take all from an eventfd: one wakeup with EPOLLOUT. Returns false, and wakes nobody, if it was
 * empty.
 */
bool wl_eventfd_read(int fd);

/* Whether the thread sleeps and may be woken by a signal: not one that waits for a mutex. */
bool wl_sleeps(pid_t tid);
/* How often another one took the processor from it. */
long wl_preempted(pid_t tid);

/*
 * Return once the thread sleeps, and die if it does not within 10 s. A thread whose only sleep is
 * in epoll_wait is then on ep->wq: ep_poll() sets the state and queues itself under ep->lock, which
 * every callback takes.
 */
void wl_await_sleep(pid_t tid);

#endif
