/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_TRUTH_H
#define TESTS_TRUTH_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>

/* What is counted. Every epoll call of the server goes through this file, so nothing is missed. */
enum truth_key {
	T_WAITS,           /* epoll_wait called */
	T_RETURNS_EVENTS,  /* it returned 1 or more */
	T_RETURNS_TIMEOUT, /* 0 */
	T_RETURNS_EINTR,   /* a signal */
	T_RETURNS_ERROR,   /* any other errno */
	T_EVENTS,          /* sum of the positive return values */
	T_ADDS,            /* successful epoll_ctl by operation */
	T_MODS,
	T_DELS,
	T_CTL_ERRORS,
	T_CLOSES_WHILE_REGISTERED, /* items that a close removed, without EPOLL_CTL_DEL */
	T_ACCEPTS,
	T_ACCEPT_EAGAIN, /* accept found nothing: somebody else was faster, or the end of a batch */
	T_ACCEPT_NOFILE, /* connections turned away for want of descriptors */
	T_READ_EAGAIN,
	T_STALE_EVENTS, /* events for a connection that was closed in between */
	T_CONN_ERRORS,
	T_CLOSES,
	T_BYTES_IN,
	T_BYTES_OUT,
	T_MESSAGES, /* newlines received */
	T_KEYS,
};

/* Written by one thread, read by any. */
struct truth {
	_Atomic uint64_t v[T_KEYS];
};

/* One epoll instance with what happened to it outside the worker threads. */
struct instance {
	int epfd;
	struct truth control;
	_Atomic int64_t items;
	_Atomic int64_t items_peak;
};

/* Only the thread that owns the truth may call it. */
void truth_add(struct truth *t, enum truth_key key, uint64_t n);

/* sum += t */
void truth_sum(struct truth *sum, const struct truth *t);

/* Print all keys as key=value, with sep between them, waits in progress as in_wait. */
void truth_print(FILE *f, const struct truth *t, char sep);

/* Which system call a wait uses. */
enum wait_call {
	WAIT_PLAIN,
	WAIT_PWAIT,
	WAIT_PWAIT2
};

/* Create the instance; dies on failure. */
void instance_open(struct instance *in);

/* epoll_wait, counted. Returns what it returned; errno is kept. timeout in ms, -1 for ever. */
int instance_wait(struct instance *in, struct truth *t, enum wait_call call,
		  struct epoll_event *events, int maxevents, int timeout);

/* epoll_ctl, counted. Returns what it returned; errno is kept. */
int instance_ctl(struct instance *in, struct truth *t, int op, int fd, uint32_t mask,
		 uint64_t data);

/* Close a descriptor that is registered in this instance and nowhere else. */
void instance_close_fd(struct instance *in, struct truth *t, int fd);

#endif
