/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define LIMIT_S       60
#define HOLD_NS       (600 * NS_PER_MS)
#define PACE_NS       (100 * NS_PER_MS)
#define KEPT_NS       (100 * NS_PER_MS)
#define OPTS_MAX      16
#define INSTANCES_MAX 1024

bool lab_broken;
const char *lab_output;

static const char *truth_file;
static bool watched, phases;
static FILE *said;
static char *said_text;
static size_t said_len;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Instances told so far, to number those that had the same descriptor. */
static struct {
	pid_t pid;
	int epfd;
} told[INSTANCES_MAX];
static int told_count;

void lab_init(const char *about, const struct opt *own, int argc, char **argv)
{
	static const struct opt common[] = {
		{ "truth-file", OPT_TEXT, &truth_file, "FILE", "what it says goes there" },
		{ "output", OPT_TEXT, &lab_output, "FILE", "a plot, where it draws one" },
		{ "watch", OPT_FLAG, &watched, NULL, "slow enough for people who watch it" },
		{ "broken", OPT_FLAG, &lab_broken, NULL, "do it wrong: the verdict must fail" },
		{ .name = NULL },
	};
	struct opt all[OPTS_MAX + ARRAY_SIZE(common)];
	const struct opt_set set = { about, "", all };
	size_t n = 0;

	for (; own && own[n].name; n++) {
		if (n == OPTS_MAX)
			die("more than %d options; raise OPTS_MAX", OPTS_MAX);
		all[n] = own[n];
	}
	memcpy(&all[n], common, sizeof(common));
	opts_parse(&set, argc, argv);
	said = open_memstream(&said_text, &said_len);
	if (!said)
		die("out of memory");
	/* Who writes to a peer that is gone gets EPIPE, and does not die without a word. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die_errno("cannot ignore SIGPIPE");
	alarm(LIMIT_S);
}

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(said, fmt, args);
	va_end(args);
	if (truth_file)
		return;
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	fflush(stdout);
}

static bool is_instance(int fd)
{
	char path[32], link[32];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, link, sizeof(link) - 1);
	link[len < 0 ? 0 : len] = 0;
	return !strcmp(link, "anon_inode:[eventpoll]");
}

/*
 * The instances end before what they watch does, whose end would be a callback more; and a snapshot of
 * epscope may keep one for a moment.
 */
static void instances_close(void)
{
	for (int i = 0; i < told_count; i++)
		if (told[i].pid == getpid() && is_instance(told[i].epfd))
			close(told[i].epfd);
	sleep_ns(KEPT_NS);
}

void lab_done(void)
{
	if (phases)
		lab_phase("end"); /* what is seen while the program goes is of no phase */
	instances_close();
	fclose(said);
	if (truth_file)
		file_write_atomic(truth_file, said_text);
	free(said_text);
}

void lab_number(const char *key, int64_t value)
{
	pthread_mutex_lock(&lock);
	say("%s=%" PRId64 "\n", key, value);
	pthread_mutex_unlock(&lock);
}

void lab_say(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	pthread_mutex_lock(&lock);
	say("say=%s\n", text);
	pthread_mutex_unlock(&lock);
}

void lab_phase(const char *name)
{
	pthread_mutex_lock(&lock);
	say("phase=%s at=%" PRId64 "\n", name, now_ns());
	phases = true;
	pthread_mutex_unlock(&lock);
}

void lab_pace(void)
{
	if (watched)
		sleep_ns(PACE_NS);
}

void lab_hold(void)
{
	sleep_ns(HOLD_NS);
}

void lab_epoll_named(const char *name, pid_t pid, int epfd)
{
	int nth = 0;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < told_count; i++)
		nth += told[i].pid == pid && told[i].epfd == epfd;
	if (told_count == INSTANCES_MAX)
		die("more than %d instances; raise INSTANCES_MAX", INSTANCES_MAX);
	told[told_count].pid = pid;
	told[told_count++].epfd = epfd;
	say("instance=%s pid=%d epfd=%d nth=%d\n", name, pid, epfd, nth);
	pthread_mutex_unlock(&lock);
}

int lab_epoll(const char *name)
{
	int epfd = epoll_create1(EPOLL_CLOEXEC);

	if (epfd < 0)
		die_errno("cannot create an epoll instance");
	lab_epoll_named(name, getpid(), epfd);
	return epfd;
}

static void ctl(int epfd, int op, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	if (epoll_ctl(epfd, op, fd, &ev))
		die_errno("epoll_ctl(%d, %d, %d) failed", epfd, op, fd);
}

void lab_add(int epfd, int fd, uint32_t events)
{
	ctl(epfd, EPOLL_CTL_ADD, fd, events);
}

void lab_mod(int epfd, int fd, uint32_t events)
{
	ctl(epfd, EPOLL_CTL_MOD, fd, events);
}

void lab_del(int epfd, int fd)
{
	ctl(epfd, EPOLL_CTL_DEL, fd, 0);
}

uint32_t lab_wait_one(int epfd, int timeout_ms)
{
	struct epoll_event ev = { 0 };
	int n = epoll_wait(epfd, &ev, 1, timeout_ms);

	if (n < 0 && errno != EINTR)
		die_errno("epoll_wait failed");
	return n == 1 ? ev.events : 0;
}

void lab_socketpair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
		die_errno("cannot create a pair of sockets");
}

void lab_pipe(int fds[2])
{
	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC))
		die_errno("cannot create a pipe");
}

int lab_listen(uint16_t *port, int backlog)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, len) || listen(fd, backlog) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		die_errno("cannot listen on the loopback");
	*port = ntohs(addr.sin_port);
	return fd;
}

int lab_connect(uint16_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die_errno("cannot connect to port %d", port);
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die_errno("cannot make a socket non-blocking");
	return fd;
}

static void await(int fd, short what)
{
	struct pollfd p = { .fd = fd, .events = what };

	if (poll(&p, 1, -1) < 0 && errno != EINTR)
		die_errno("poll failed");
}

void lab_write(int fd, size_t bytes)
{
	static const char zeros[65536];

	while (bytes) {
		ssize_t n = write(fd, zeros, bytes < sizeof(zeros) ? bytes : sizeof(zeros));

		if (n > 0)
			bytes -= (size_t)n;
		else if (errno == EAGAIN)
			await(fd, POLLOUT);
		else if (errno != EINTR)
			die_errno("cannot write");
	}
}

void lab_read(int fd, size_t bytes)
{
	char buf[65536];

	while (bytes) {
		ssize_t n = read(fd, buf, bytes < sizeof(buf) ? bytes : sizeof(buf));

		if (n > 0)
			bytes -= (size_t)n;
		else if (!n)
			die("the other end closed");
		else if (errno == EAGAIN)
			await(fd, POLLIN);
		else if (errno != EINTR)
			die_errno("cannot read");
	}
}

size_t lab_drain(int fd, bool *eof)
{
	char buf[65536];
	size_t all = 0;
	ssize_t n;

	do {
		n = read(fd, buf, sizeof(buf));
		all += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 && errno != EAGAIN)
		die_errno("cannot read");
	if (eof)
		*eof = !n;
	return all;
}
