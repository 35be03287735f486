/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Preloaded into virtiofsd when an ordinary user runs it.
 *
 * overlayfs opens the files of its lower layer with O_NOATIME (OVL_OPEN_FLAGS) and FUSE hands that
 * on. Only a file's owner may use it, so every open of a system file would fail with EPERM. The
 * share is a read-only mount: there is no access time to protect.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* One function under the C library's four names: with _FORTIFY_SOURCE a call gets a _2. */
int openat(int dir, const char *path, int flags, ...) __attribute__((alias("openat64")));
int __openat_2(int dir, const char *path, int flags) __attribute__((alias("__openat64_2")));
int __openat64_2(int dir, const char *path, int flags);

int openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = (flags & O_CREAT) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return (int)syscall(SYS_openat, dir, path, flags & ~O_NOATIME, mode);
}

int __openat64_2(int dir, const char *path, int flags)
{
	return openat64(dir, path, flags);
}
