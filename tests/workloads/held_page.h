/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page that userfaultfd answers for: whoever touches it, the kernel included, stops until it is
 * given. One per process. An epoll_wait() whose event array lies there stops in ep_send_events(), at
 * the first event that it copies out.
 */
#ifndef TESTS_HELD_PAGE_H
#define TESTS_HELD_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Its address, without memory; the size of it in *size. Exits with EXIT_SKIPPED without the right to. */
void *held_page_open(size_t *size);
/* Wait until somebody has touched it. */
void held_page_await(void);
/* Whether somebody has, and was not awaited yet. */
bool held_page_touched(void);
void held_page_give(void);
void held_page_take_back(void);

#endif
