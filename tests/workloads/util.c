/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

static void message_print(int err, const char *end, const char *fmt, va_list args)
{
	flockfile(stderr);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, args);
	if (err)
		fprintf(stderr, ": %s", strerror(err));
	fprintf(stderr, "%s\n", end);
	funlockfile(stderr);
}

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message_print(0, "", fmt, args);
	va_end(args);
	exit(EXIT_FAILURE);
}

void die_errno(const char *fmt, ...)
{
	int err = errno;
	va_list args;

	va_start(args, fmt);
	message_print(err, "", fmt, args);
	va_end(args);
	exit(EXIT_FAILURE);
}

void die_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message_print(0, "; see --help", fmt, args);
	va_end(args);
	exit(EXIT_USAGE);
}

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void sleep_until_ns(int64_t when)
{
	struct timespec ts = { .tv_sec = when / NS_PER_S, .tv_nsec = when % NS_PER_S };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

void sleep_ns(int64_t ns)
{
	sleep_until_ns(now_ns() + ns);
}

void burn_ns(int64_t ns)
{
	int64_t end = now_ns() + ns;

	while (now_ns() < end)
		;
}

void file_write_atomic(const char *path, const char *text)
{
	char *tmp;
	FILE *f;

	if (asprintf(&tmp, "%s.%d.tmp", path, getpid()) < 0)
		die("cannot write %s: out of memory", path);
	f = fopen(tmp, "we");
	if (!f)
		die_errno("cannot create %s (is the folder there and writable?)", tmp);
	if (fputs(text, f) < 0 || fflush(f))
		die_errno("cannot write %s", tmp);
	if (fclose(f))
		die_errno("cannot write %s", tmp);
	if (rename(tmp, path))
		die_errno("cannot rename %s to %s", tmp, path);
	free(tmp);
}

int64_t nofile_raise(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim))
		die_errno("cannot read the limit of open files");
	if (lim.rlim_cur < lim.rlim_max) {
		rlim_t soft = lim.rlim_cur;

		lim.rlim_cur = lim.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim))
			lim.rlim_cur = soft;
	}
	return lim.rlim_cur < INT32_MAX ? (int64_t)lim.rlim_cur : INT32_MAX;
}

void nofile_need(int64_t need)
{
	int64_t have = nofile_raise();

	if (need > have)
		die("needs %" PRId64 " open files, but the hard limit is %" PRId64
		    "; ask for fewer, or raise the limit (ulimit -Hn, as root)",
		    need, have);
}

int fd_receive(int sock)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&msg))
		die_errno("cannot receive the descriptor");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

void fd_send(int sock, int fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { (char[]){ 0 }, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != 1)
		die_errno("cannot send the descriptor");
}
