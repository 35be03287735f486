/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An instance with an item of every kind of file that can be polled. Says of each descriptor what it
 * is, as whoever made it knows: kind_FD=TYPE|WHAT in the truth.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "wl.h"

static const char *dir = "/tmp";
static int epfd;

static int opened(int fd, const char *what)
{
	if (fd < 0)
		die_errno("cannot make a %s", what);
	return fd;
}

static unsigned long ino_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		die_errno("cannot ask for an inode");
	return st.st_ino;
}

/* Registers fd, which shall be shown as this type and what follows. */
static void item(int fd, const char *type, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void item(int fd, const char *type, const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	wl_ctl_must(epfd, EPOLL_CTL_ADD, fd, EPOLLIN);
	wl_say("kind_%d=%s|%s", fd, type, what);
}

static void pipes_make(void)
{
	char path[200];
	int fds[2];

	opened(pipe2(fds, O_CLOEXEC), "pipe");
	item(fds[0], "pipe", "pipe:[%lu], read end", ino_of(fds[0]));
	item(fds[1], "pipe", "pipe:[%lu], write end", ino_of(fds[1]));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	if (mkfifo(path, 0600))
		die_errno("cannot make %s", path);
	fds[0] = opened(open(path, O_RDWR), "FIFO");
	fds[1] = opened(open(path, O_WRONLY), "FIFO");
	item(fds[0], "pipe", "%s, both ends", path);
	item(fds[1], "pipe", "%s, write end", path);
}

/* Only fdinfo tells it. */
static int eventfd_id(int fd)
{
	char path[64], line[128];
	int id = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "eventfd-id: %d", &id);
	if (f)
		fclose(f);
	return opened(id, "number of an eventfd");
}

static void anons_make(void)
{
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096 };
	struct perf_event_attr perf = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(perf),
					.config = PERF_COUNT_SW_DUMMY };
	struct bpf_map_info info = { 0 };
	union bpf_attr ask = { 0 };
	struct io_uring_params ring = { 0 };
	sigset_t set;
	int fd;

	fd = opened(eventfd(5, 0), "eventfd");
	item(fd, "eventfd", "id %d, count 5 when first seen", eventfd_id(fd));
	item(opened(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd"), "timerfd", "CLOCK_MONOTONIC");
	item(opened(timerfd_create(CLOCK_REALTIME, 0), "timerfd"), "timerfd", "CLOCK_REALTIME");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	item(opened(signalfd(-1, &set, 0), "signalfd"), "signalfd", "signals 10,12");
	item(opened(inotify_init1(0), "inotify"), "inotify", "anon_inode:inotify");
	item(opened(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY), "fanotify"), "fanotify",
	     "anon_inode:[fanotify]");
	item(opened((int)syscall(SYS_pidfd_open, getpid(), 0), "pidfd"), "pidfd", "pid %d",
	     getpid());
	item(opened(epoll_create1(0), "nested instance"), "epoll", "anon_inode:[eventpoll]");
	item(opened((int)syscall(SYS_io_uring_setup, 4, &ring), "io_uring"), "io_uring",
	     "anon_inode:[io_uring]");
	item(opened((int)syscall(SYS_perf_event_open, &perf, 0, -1, -1, 0), "perf event"),
	     "perf_event", "anon_inode:[perf_event]");
	item(opened((int)syscall(SYS_userfaultfd, 0), "userfaultfd"), "userfaultfd",
	     "anon_inode:[userfaultfd]");
	fd = opened((int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map)), "BPF ring buffer");
	ask.info.bpf_fd = (uint32_t)fd;
	ask.info.info_len = sizeof(info);
	ask.info.info = (uint64_t)(uintptr_t)&info;
	opened((int)syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &ask, sizeof(ask)), "map's id");
	item(fd, "bpf-map", "map id %u", info.id);
}

static void files_make(void)
{
	char name[64];
	int fd;

	fd = opened(open("/dev/ptmx", O_RDWR | O_NOCTTY), "pseudo-terminal");
	item(fd, "tty", "/dev/ptmx");
	if (unlockpt(fd) || ptsname_r(fd, name, sizeof(name)))
		die_errno("cannot open the pseudo-terminal's other side");
	item(opened(open(name, O_RDWR | O_NOCTTY), "pts"), "tty", "%s", name);
	snprintf(name, sizeof(name), "/proc/%d/mounts", getpid());
	item(opened(open(name, O_RDONLY), "mount table"), "file", "%s", name);
	item(opened(open("/dev/random", O_RDONLY), "random device"), "device", "/dev/random");
}

/* ---- sockets ---- */

static int unix_make(int type, const char *name, bool abstract)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = opened(socket(AF_UNIX, type, 0), "Unix socket");
	size_t len = strlen(name);

	memcpy(addr.sun_path + abstract, name, len);
	if (bind(fd, (void *)&addr,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + len)))
		die_errno("cannot bind to %s", name);
	return fd;
}

static void unixes_make(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	char name[200];
	int fd, pair[2];

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		opened(socketpair(AF_UNIX, types[i], 0, pair), "socket pair");
		item(pair[0], "unix", "unix:[%lu]", ino_of(pair[0]));
		snprintf(name, sizeof(name), "%s/socket%zu", dir, i);
		fd = unix_make(types[i], name, false);
		if (types[i] != SOCK_DGRAM)
			listen(fd, 1);
		item(fd, "unix", "%s%s", name, types[i] == SOCK_DGRAM ? "" : " LISTEN");
	}
	snprintf(name, sizeof(name), "epscope-%d", getpid());
	item(unix_make(SOCK_DGRAM, name, true), "unix", "@%s", name);
}

/* "127.0.0.1:80", "[::1]:80" */
static const char *address(const struct sockaddr_storage *sa, char *out, size_t size)
{
	char ip[INET6_ADDRSTRLEN];

	if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		snprintf(out, size, "%s:%u", inet_ntop(AF_INET, &in->sin_addr, ip, sizeof(ip)),
			 ntohs(in->sin_port));
	} else {
		const struct sockaddr_in6 *in = (const void *)sa;

		snprintf(out, size, "[%s]:%u", inet_ntop(AF_INET6, &in->sin6_addr, ip, sizeof(ip)),
			 ntohs(in->sin6_port));
	}
	return out;
}

static void item_inet(int fd, const char *type, const char *end)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char local[80], remote[80];

	if (getsockname(fd, (void *)&sa, &len))
		die_errno("cannot ask for a socket's name");
	address(&sa, local, sizeof(local));
	len = sizeof(sa);
	if (getpeername(fd, (void *)&sa, &len))
		item(fd, type, "%s%s", local, end);
	else
		item(fd, type, "%s -> %s", local, address(&sa, remote, sizeof(remote)));
}

/* A bound socket of the loopback address, listening if it is TCP. */
static int inet_make(int family, int type)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = opened(socket(family, type, 0), "socket");

	if (family == AF_INET ? bind(fd, (void *)&in, sizeof(in))
			      : bind(fd, (void *)&in6, sizeof(in6)))
		die_errno("cannot bind to the loopback address");
	if (type == SOCK_STREAM && listen(fd, 4))
		die_errno("cannot listen");
	return fd;
}

static int connect_to(int server, int type)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd;

	if (getsockname(server, (void *)&sa, &len))
		die_errno("cannot ask for a socket's name");
	fd = opened(socket(sa.ss_family, type, 0), "client");
	if (connect(fd, (void *)&sa, len))
		die_errno("cannot connect");
	return fd;
}

static void inets_make(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(any);
	int tcp = inet_make(AF_INET, SOCK_STREAM), tcp6 = inet_make(AF_INET6, SOCK_STREAM);
	int udp = inet_make(AF_INET, SOCK_DGRAM), udp6 = inet_make(AF_INET6, SOCK_DGRAM), both, fd;

	item_inet(tcp, "tcp", " LISTEN");
	item_inet(tcp6, "tcp6", " LISTEN");
	item_inet(connect_to(tcp, SOCK_STREAM), "tcp", "");
	item_inet(opened(accept(tcp, NULL, NULL), "connection"), "tcp", "");
	item_inet(connect_to(tcp6, SOCK_STREAM), "tcp6", "");
	item_inet(udp, "udp", "");
	item_inet(udp6, "udp6", "");
	item_inet(connect_to(udp, SOCK_DGRAM), "udp", "");
	/* an IPv4 client of a socket for both */
	both = opened(socket(AF_INET6, SOCK_STREAM, 0), "socket");
	if (bind(both, (void *)&any, len) || listen(both, 4) ||
	    getsockname(both, (void *)&any, &len))
		die_errno("cannot listen for both families");
	in.sin_port = any.sin6_port;
	fd = opened(socket(AF_INET, SOCK_STREAM, 0), "client");
	if (connect(fd, (void *)&in, sizeof(in)))
		die_errno("cannot connect by IPv4");
	item_inet(opened(accept(both, NULL, NULL), "connection"), "tcp6", "");
}

static void others_make(void)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(nl);
	int fd, space;

	fd = opened(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "netlink socket");
	if (bind(fd, (void *)&nl, len) || getsockname(fd, (void *)&nl, &len))
		die_errno("cannot bind a netlink socket");
	item(fd, "netlink", "protocol %d port %u", NETLINK_ROUTE, nl.nl_pid);
	fd = opened(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_LOOP)), "packet socket");
	item(fd, "packet", "protocol 0x%04x interface 0", ETH_P_LOOP);
	fd = opened(socket(AF_INET, SOCK_RAW, IPPROTO_UDP), "raw socket");
	item(fd, "raw", "0.0.0.0:%d", IPPROTO_UDP);
	/* of another network namespace than the process's */
	space = opened(open("/proc/self/ns/net", O_RDONLY), "handle of the namespace");
	if (unshare(CLONE_NEWNET))
		die_errno("cannot make a network namespace");
	fd = opened(socket(AF_INET, SOCK_STREAM, 0), "socket elsewhere");
	if (listen(fd, 1) || setns(space, CLONE_NEWNET))
		die_errno("cannot return to the network namespace");
	item(fd, "tcp", "unbound or in another netns, socket:[%lu]", ino_of(fd));
}

/* The item stays while a duplicate holds the file, whatever its number means by then. */
static void closed_make(void)
{
	int fd = opened(inotify_init1(0), "file to close");
	char path[200];
	unsigned long ino;
	int pair[2];

	close(fd);
	opened(pipe2(pair, O_CLOEXEC), "pipe");
	ino = ino_of(pair[0]);
	item(pair[0], "other", "closed descriptor (inode %lu)", ino);
	opened(fcntl(pair[0], F_DUPFD, 100), "duplicate");
	close(pair[0]);
	snprintf(path, sizeof(path), "%s/elsewhere", dir);
	if (mkfifo(path, 0600) || open(path, O_RDWR) != pair[0])
		die_errno("cannot use the number again");
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "dir", OPT_TEXT, &dir, "DIR", "where FIFOs and sockets are made" },
		{ .name = NULL },
	};

	wl_init("An instance with an item of every kind of file.",
		"  wl_kinds --dir /tmp/empty --hold 60\n", opts, argc, argv);
	epfd = wl_epoll_open();
	pipes_make();
	anons_make();
	files_make();
	unixes_make();
	inets_make();
	others_make();
	closed_make();
	wl_go(&epfd, 1);
	wl_publish();
	return 0;
}
