/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_ADDR_H
#define TESTS_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A parsed "IPV4:PORT" or "unix:/path". */
struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_un un;
	};
	socklen_t len;
	const char *text; /* as given */
};

/* Parse text; dies with status 2 when it is neither form. */
struct addr addr_parse(const char *text);

/*
 * A listening, non-blocking socket on addr. rcvbuf and sndbuf in bytes, 0 leaves the kernel's
 * choice; accepted sockets inherit them. A stale Unix socket at the path is replaced. With port 0
 * the port chosen by the kernel is written back. Dies on failure.
 */
int addr_listen(struct addr *addr, int backlog, int rcvbuf, int sndbuf);

/*
 * A blocking socket connected to addr, waiting at most 10 s. Returns the descriptor, or -1 with
 * errno set.
 */
int addr_connect(const struct addr *addr);

/* Small messages leave at once; no effect on Unix sockets. */
void addr_set_nodelay(int fd);

/* The TCP port, 0 for a Unix socket. */
int addr_port(const struct addr *addr);

/* The path of a Unix socket, NULL for TCP. */
const char *addr_path(const struct addr *addr);

#endif
