/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "shield.h"

static int real_stderr = -1;
static int held = -1;

void shield_start(void)
{
	if (real_stderr >= 0 || !isatty(STDERR_FILENO))
		return;
	held = memfd_create("epscope-stderr", MFD_CLOEXEC);
	if (held < 0)
		return;
	real_stderr = dup(STDERR_FILENO);
	if (real_stderr < 0 || dup2(held, STDERR_FILENO) < 0) {
		close(held);
		held = -1;
	}
}

void shield_stop(void)
{
	int saved_errno = errno;
	char buf[512];
	ssize_t n;

	if (real_stderr < 0)
		return;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	real_stderr = -1;
	if (held < 0)
		return;
	lseek(held, 0, SEEK_SET);
	while ((n = read(held, buf, sizeof(buf))) > 0)
		if (write(STDERR_FILENO, buf, (size_t)n) < 0)
			break;
	close(held);
	held = -1;
	errno = saved_errno;
}
