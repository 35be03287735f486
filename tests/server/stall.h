/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event array that stops epoll_wait() in the middle of its scan. It lies on a page without
 * memory, for which userfaultfd answers: the kernel's copy of the first event sleeps until the page
 * is given.
 */
#ifndef TESTS_STALL_H
#define TESTS_STALL_H

#include <stddef.h>
#include <sys/epoll.h>

struct stall {
	int uffd;
	size_t size; /* of the page, in bytes */
	struct epoll_event *events;
	int max; /* events that fit */
};

/* Needs root, or the sysctl vm.unprivileged_userfaultfd; dies otherwise. */
void stall_open(struct stall *s);

/* Gives the page back; no scan may use it any more. */
void stall_close(const struct stall *s);

/* Until a scan has stopped at the page; dies after 10 s. */
void stall_await(const struct stall *s);

/* Let the stopped scan go on; the array is ordinary memory from here on. */
void stall_end(const struct stall *s);

/* The next scan stops again; what was in the array is lost. */
void stall_again(const struct stall *s);

#endif
