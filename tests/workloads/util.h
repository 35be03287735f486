/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_UTIL_H
#define TESTS_UTIL_H

#include <stdint.h>

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit status: 0 all well, 1 something failed at run time, 2 the command line is wrong. */
#define EXIT_USAGE 2

/* Print "program: message" on stderr and exit with status 1. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same with ": " and the text of errno after the message. */
_Noreturn void die_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print "program: message; see --help" on stderr and exit with status 2. */
_Noreturn void die_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Nanoseconds of CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns(). */
int64_t now_ns(void);

/* Sleep until that instant of now_ns(); signals do not shorten it. */
void sleep_until_ns(int64_t when);

/* Sleep for so long. */
void sleep_ns(int64_t ns);

/* Use the processor for so long. */
void burn_ns(int64_t ns);

/*
 * Write text to path so that a reader sees either no file or all of it: a temporary file in the
 * same folder, then rename. Dies on failure.
 */
void file_write_atomic(const char *path, const char *text);

/*
 * Raise the soft limit of open files to the hard one. Returns the limit then in force, at most
 * INT32_MAX.
 */
int64_t nofile_raise(void);

/* nofile_raise(), and die unless so many descriptors can be open at the same time. */
void nofile_need(int64_t need);

/* One descriptor over a Unix socket (SCM_RIGHTS), with a byte of 0. Both die on failure. */
void fd_send(int sock, int fd);
int fd_receive(int sock);

#endif
