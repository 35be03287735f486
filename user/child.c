/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "child.h"

static void silence(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

/* In the child: one byte means go; our end of the pair closes by itself when exec succeeds. */
static void child_main(char **argv, enum child_output output, int sock)
{
	char byte;
	int err;

	if (read(sock, &byte, 1) != 1)
		_exit(127); /* the parent gave up */
	if (output == CHILD_NOWHERE)
		silence();
	else if (output == CHILD_TO_STDERR)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	err = errno;
	if (write(sock, &err, sizeof(err)) != sizeof(err))
		_exit(126);
	_exit(127);
}

pid_t child_start(char **argv, enum child_output output, int *go)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (!pid) {
		close(pair[0]);
		child_main(argv, output, pair[1]);
	}
	close(pair[1]);
	if (pid < 0) {
		pid = -errno;
		close(pair[0]);
		return pid;
	}
	*go = pair[0];
	return pid;
}

int child_go(int go)
{
	int err = 0;
	ssize_t got;

	if (send(go, "g", 1, MSG_NOSIGNAL) != 1) {
		err = errno;
		close(go);
		return err;
	}
	do
		got = read(go, &err, sizeof(err));
	while (got < 0 && errno == EINTR);
	close(go);
	return got == sizeof(err) ? err : 0;
}

bool child_reap(pid_t pid, pid_t *child)
{
	if (waitpid(pid, NULL, WNOHANG) != pid)
		return false;
	*child = 0;
	return true;
}

void child_end(pid_t pid, int go)
{
	const struct timespec step = { .tv_nsec = 20000000 };
	int i;

	if (go >= 0)
		close(go); /* it was never let go: it ends by itself */
	kill(pid, SIGTERM);
	for (i = 0; i < 100; i++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		nanosleep(&step, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
