/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of the lab share: the command line, what they say of their run (read by
 * user/lab_truth.c), and calls that must not fail. A program shows one idea of epoll; with --broken
 * it violates the rule that it shows, and the experiment's verdict has to notice.
 */
#ifndef TESTS_LAB_H
#define TESTS_LAB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "opts.h"
#include "util.h"

/* --broken, and --output FILE (NULL: none). */
extern bool lab_broken;
extern const char *lab_output;

/*
 * Parse the command line: the options of own (ends with a NULL name, may be NULL) and those that all
 * share. The program ends with SIGALRM after 60 s, whatever happens. about: what --help says.
 */
void lab_init(const char *about, const struct opt *own, int argc, char **argv);

/*
 * Close the instances that were told and are still open, and write what was said to --truth-file (else it
 * is on stdout already). Call once, at the end, with nobody waiting any more.
 */
void lab_done(void);

/* A number for the verdict; key: [a-z0-9_]. */
void lab_number(const char *key, int64_t value);

/* A line for people. */
void lab_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* From here on it is that phase: its gauges (items, ready ...) can be asked for. */
void lab_phase(const char *name);

/* Once per step of what is to be watched: with --watch it takes a tenth of a second, else no time. */
void lab_pace(void);

/* Long enough for a sample of epscope to see what is now. */
void lab_hold(void);

/* epoll_create1(EPOLL_CLOEXEC), and tell its name: [a-z0-9_-], at most 31. */
int lab_epoll(const char *name);

/* Tell the name of an instance that was made elsewhere: by a child (pid), or with another call. */
void lab_epoll_named(const char *name, pid_t pid, int epfd);

/* epoll_ctl with the descriptor as data; dies on failure. */
void lab_add(int epfd, int fd, uint32_t events);
void lab_mod(int epfd, int fd, uint32_t events);
void lab_del(int epfd, int fd);

/* epoll_wait of one event with a timeout in ms; returns its mask, 0: none came. Dies on an error but
 * EINTR, which counts as none. */
uint32_t lab_wait_one(int epfd, int timeout_ms);

/* A pair of connected Unix stream sockets, or the two ends of a pipe, non-blocking. */
void lab_socketpair(int fds[2]);
void lab_pipe(int fds[2]);

/* A non-blocking TCP listener on a free port of 127.0.0.1; the port goes to *port. */
int lab_listen(uint16_t *port, int backlog);

/* A TCP connection to that port: blocking until it is made, non-blocking from then on. */
int lab_connect(uint16_t port);

/* Write, or read, exactly so many bytes, waiting with poll() where it must. */
void lab_write(int fd, size_t bytes);
void lab_read(int fd, size_t bytes);

/* Read until EAGAIN or the end; returns the bytes, and in *eof (may be NULL) whether it was the end. */
size_t lab_drain(int fd, bool *eof);

#endif
