/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <sys/select.h>

#include "lab.h"
#include "mux.h"

struct selected {
	fd_set wanted;
	int above; /* one more than the highest descriptor */
};

static void *select_open(const char *name)
{
	struct selected *s = calloc(1, sizeof(*s));

	(void)name;
	if (!s)
		die("out of memory");
	FD_ZERO(&s->wanted);
	return s;
}

static int select_add(void *m, int fd)
{
	struct selected *s = m;

	/* FD_SET() would write a bit behind the end of the set: whatever is there is overwritten. */
	if (fd >= FD_SETSIZE)
		return -EINVAL;
	FD_SET(fd, &s->wanted);
	s->above = fd >= s->above ? fd + 1 : s->above;
	return 0;
}

static int select_wait(void *m, int ready[MUX_READY])
{
	struct selected *s = m;
	fd_set set = s->wanted; /* the call replaces it by what is ready */
	int left = select(s->above, &set, NULL, NULL, NULL), n = 0;

	if (left < 0 && errno != EINTR)
		die_errno("select failed");
	for (int fd = 0; fd < s->above && left > 0 && n < MUX_READY; fd++) {
		if (!FD_ISSET(fd, &set))
			continue;
		ready[n++] = fd;
		left--;
	}
	return n;
}

const struct mux mux_select = { "select", select_open, select_add, select_wait, free };
