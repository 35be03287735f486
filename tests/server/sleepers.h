/* SPDX-License-Identifier: GPL-2.0 */
/* Threads of this process that sleep: seen in /proc, so nothing is asked of the threads. */
#ifndef TESTS_SLEEPERS_H
#define TESTS_SLEEPERS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Until all of them sleep at the same time. The caller sees to it that they sleep nowhere but where
 * it means. Dies after 10 s.
 */
void sleepers_await(const pid_t *tids, size_t count);

#endif
