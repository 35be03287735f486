/* SPDX-License-Identifier: GPL-2.0 */
/* A process per connection, forked at accept. Plain blocking calls, no epoll. */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch.h"
#include "util.h"

/* In the child. */
static _Noreturn void serve(struct arch *a, struct conn *c, int index)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(a->listener);
	while (conn_echo(c, &a->served[index]) != CONN_OVER)
		;
	conn_close(c);
	_exit(0);
}

static pid_t child_start(struct arch *a, struct conn *c, int index)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("cannot fork");
	if (!pid)
		serve(a, c, index);
	conn_close(c); /* the child has its own */
	return pid;
}

void arch_process(struct arch *a)
{
	pid_t pids[ARCH_CONNECTIONS];
	struct conn *c;
	int i = 0;

	arch_ready(a);
	while (i < a->connections) {
		c = conn_accept(a->listener, 0);
		if (!c)
			continue;
		pids[i] = child_start(a, c, i);
		i++;
	}
	a->workers = a->connections;
	for (i = 0; i < a->connections; i++) {
		int status;

		while (waitpid(pids[i], &status, 0) < 0)
			if (errno != EINTR)
				die_errno("cannot wait for a child");
		if (status)
			die("the process of a connection failed");
	}
}
