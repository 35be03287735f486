/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <sys/socket.h>

#include "lab.h"
#include "mux.h"

/* All of the message, however little the socket takes at once. */
static void answer(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			die_errno("cannot answer"); /* a message is less than a socket's buffer */
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

int64_t echo_turn(const struct mux *mux, void *m)
{
	int ready[MUX_READY], n = mux->wait(m, ready);
	int64_t echoed = 0;

	for (int i = 0; i < n; i++) {
		char data[MUX_MESSAGE];
		ssize_t len = recv(ready[i], data, sizeof(data), 0);

		if (len < 0 && errno != EAGAIN && errno != EINTR)
			die_errno("cannot read a message");
		if (!len) /* left alone it would be ready in each turn, for ever */
			die("a client has closed its connection");
		if (len < 0)
			continue;
		answer(ready[i], data, (size_t)len);
		echoed++;
	}
	return echoed;
}
