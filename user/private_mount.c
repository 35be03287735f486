/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include "private_mount.h"

static int child_mount(const char *fstype, const char *path)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(fstype, path, fstype, 0, NULL))
		return errno ? errno : EIO;
	return 0;
}

int private_mount_read(const char *fstype, const char *path, void (*fill)(void *ctx, void *buf),
		       void *ctx, void *buf, size_t len)
{
	int fd[2], status, err;
	ssize_t got;
	pid_t pid;

	if (pipe(fd))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(fd[0]);
		close(fd[1]);
		return err;
	}
	if (!pid) {
		err = child_mount(fstype, path);
		if (err)
			_exit(err);
		fill(ctx, buf);
		_exit(write(fd[1], buf, len) == (ssize_t)len ? 0 : EIO);
	}
	close(fd[1]);
	got = read(fd[0], buf, len);
	close(fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status))
		return -WEXITSTATUS(status);
	return got == (ssize_t)len ? 0 : -EIO;
}
