/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addr.h"
#include "opts.h"
#include "util.h"

static struct addr addr_parse_unix(const char *text, const char *path)
{
	struct addr addr = { .un.sun_family = AF_UNIX, .len = sizeof(addr.un), .text = text };

	if (!*path || strlen(path) >= sizeof(addr.un.sun_path))
		die_usage("address '%s': the path must have 1 to %zu characters", text,
			  sizeof(addr.un.sun_path) - 1);
	strcpy(addr.un.sun_path, path);
	return addr;
}

struct addr addr_parse(const char *text)
{
	struct addr addr = { .in.sin_family = AF_INET, .len = sizeof(addr.in), .text = text };
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];
	int64_t port;

	if (!strncmp(text, "unix:", 5))
		return addr_parse_unix(text, text + 5);
	if (!colon || colon - text >= (ptrdiff_t)sizeof(host))
		die_usage("address '%s': must be IPV4:PORT or unix:/path", text);
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (inet_pton(AF_INET, host, &addr.in.sin_addr) != 1)
		die_usage("address '%s': '%s' is no IPv4 address (such as 127.0.0.1)", text, host);
	if (num_parse(colon + 1, 0, UINT16_MAX, &port))
		die_usage("address '%s': the port must be 0 to %d", text, UINT16_MAX);
	addr.in.sin_port = htons((uint16_t)port);
	return addr;
}

/* A socket file outlives its server; anything else at the path is not ours to remove. */
static void stale_socket_remove(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
}

static void buffer_set(int fd, int which, int bytes)
{
	if (bytes && setsockopt(fd, SOL_SOCKET, which, &bytes, sizeof(bytes)))
		die_errno("cannot set the socket buffer to %d bytes", bytes);
}

int addr_listen(struct addr *addr, int backlog, int rcvbuf, int sndbuf)
{
	int fd = socket(addr->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		die_errno("cannot create a socket");
	if (addr_path(addr))
		stale_socket_remove(addr_path(addr));
	else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		die_errno("cannot set SO_REUSEADDR");
	buffer_set(fd, SO_RCVBUF, rcvbuf);
	buffer_set(fd, SO_SNDBUF, sndbuf);
	if (bind(fd, &addr->sa, addr->len))
		die_errno("cannot listen on %s (in use? choose another with --listen)", addr->text);
	if (listen(fd, backlog))
		die_errno("cannot listen on %s", addr->text);
	if (!addr_path(addr) && getsockname(fd, &addr->sa, &addr->len))
		die_errno("cannot read the port that was chosen");
	return fd;
}

int addr_connect(const struct addr *addr)
{
	struct timeval limit = { .tv_sec = 10 };
	int fd = socket(addr->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -1;
	/* SO_SNDTIMEO bounds connect() as well, for TCP and for a full Unix backlog. */
	if (!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) &&
	    !connect(fd, &addr->sa, addr->len))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

void addr_set_nodelay(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

int addr_port(const struct addr *addr)
{
	return addr->sa.sa_family == AF_INET ? ntohs(addr->in.sin_port) : 0;
}

const char *addr_path(const struct addr *addr)
{
	return addr->sa.sa_family == AF_UNIX ? addr->un.sun_path : NULL;
}
