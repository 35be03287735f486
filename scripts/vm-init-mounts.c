/* SPDX-License-Identifier: GPL-2.0 */
/* File systems of the test machine. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "vm-init.h"

#define NOSUIDDEV (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static void mount_or_die(const char *src, const char *dst, const char *type, unsigned long flags,
			 const char *opts)
{
	if (mount(src, dst, type, flags, opts))
		vm_die("mount", dst);
}

/* Some kernels lack one or the other; the command says so itself when it needs it. */
static void mount_optional(const char *src, const char *dst, const char *type)
{
	if (mount(src, dst, type, NOSUIDDEV, NULL))
		fprintf(stderr, "vm-init: no %s on %s: %s\n", type, dst, strerror(errno));
}

static void folder_make(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		vm_die("make folder", path);
}

void mounts_early(void)
{
	folder_make("/proc");
	folder_make("/sys");
	folder_make("/dev");
	mount_or_die("proc", "/proc", "proc", NOSUIDDEV, NULL);
	mount_or_die("sysfs", "/sys", "sysfs", NOSUIDDEV, NULL);
	mount_or_die("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
}

/* The host's root on @dst, under a tmpfs that takes all writes when the kernel has overlayfs. */
static void root_build(bool overlay, const char *dst)
{
	folder_make("/lower");
	mount_or_die("root", "/lower", "virtiofs", MS_RDONLY, NULL);
	folder_make(dst);
	if (!overlay) {
		mount_or_die("/lower", dst, NULL, MS_BIND, NULL);
		return;
	}
	folder_make("/rw");
	mount_or_die("tmpfs", "/rw", "tmpfs", 0, "mode=0755");
	folder_make("/rw/upper");
	folder_make("/rw/work");
	mount_or_die("overlay", dst, "overlay", 0,
		     "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work");
}

static void root_enter(const char *root)
{
	static const char *const kept[] = { "/proc", "/sys", "/dev" };
	char dst[64];
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		snprintf(dst, sizeof(dst), "%s%s", root, kept[i]);
		mount_or_die(kept[i], dst, NULL, MS_MOVE, NULL);
	}
	if (chdir(root))
		vm_die("enter", root);
	mount_or_die(".", "/", NULL, MS_MOVE, NULL);
	if (chroot(".") || chdir("/"))
		vm_die("enter", root);
}

/* What udev would do: devtmpfs has the nodes and none of the links. */
static void dev_fill(void)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]) && errno != EEXIST)
			vm_die("link", links[i][1]);
	folder_make("/dev/pts");
	folder_make("/dev/shm");
	mount_or_die("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		     "gid=5,mode=0620,ptmxmode=0666");
	mount_or_die("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

/* The file or folder open as @fd, as the entry @name of the folder "."; others are left out. */
static void entry_bind(int fd, const char *name)
{
	struct stat st;
	char src[32];

	if (fstat(fd, &st))
		return;
	if (S_ISDIR(st.st_mode))
		folder_make(name);
	else if (!S_ISREG(st.st_mode) || mknod(name, S_IFREG | 0644, 0))
		return;
	snprintf(src, sizeof(src), "/proc/self/fd/%d", fd);
	mount_or_die(src, name, NULL, MS_BIND, NULL);
}

/*
 * Without overlayfs the root is read-only, so /tmp must be a tmpfs; what the host has there (the
 * checkout, perhaps) is bound back into it.
 */
static void tmp_mount(void)
{
	DIR *d = opendir("/tmp");
	struct dirent *e;
	int fd;

	mount_or_die("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	if (!d || chdir("/tmp"))
		vm_die("enter", "/tmp");
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		fd = openat(dirfd(d), e->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		entry_bind(fd, e->d_name);
		close(fd);
	}
	closedir(d);
	if (chdir("/"))
		vm_die("enter", "/");
}

static void shares_mount(const struct vm_list *shares)
{
	char *path;
	size_t i;

	for (i = 0; i < shares->n; i++) {
		path = strchr(shares->v[i], ':');
		if (!path)
			vm_die("understand share", shares->v[i]);
		*path++ = '\0';
		mount_or_die(shares->v[i], path, "virtiofs", 0, NULL);
	}
}

void mounts_root(const struct vm_config *cfg)
{
	root_build(cfg->overlay, "/newroot");
	root_enter("/newroot");
	dev_fill();
	mount_or_die("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	folder_make("/run/lock");
	if (!cfg->overlay)
		tmp_mount();
	mount_optional("cgroup2", "/sys/fs/cgroup", "cgroup2");
	mount_optional("bpf", "/sys/fs/bpf", "bpf");
	mount_optional("debugfs", "/sys/kernel/debug", "debugfs");
	mount_optional("tracefs", "/sys/kernel/tracing", "tracefs");
	shares_mount(&cfg->shares);
}
