/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "fddesc_proc.h"
#include "fdinfo.h"

static bool link_number(const char *link, const char *kind, u64 *ino)
{
	unsigned long long val;
	size_t len = strlen(kind);

	if (strncmp(link, kind, len) || sscanf(link + len, ":[%llu]", &val) != 1)
		return false;
	*ino = val;
	return true;
}

/* Number of a line of fdinfo, if it fits. */
static bool value32(const char *info, const char *name, int base, u32 *out)
{
	u64 val;

	if (!fdinfo_value(info, name, base, &val) || val > UINT32_MAX)
		return false;
	*out = (u32)val;
	return true;
}

static void info_parse(const char *info, struct file_facts *out)
{
	fdinfo_value(info, "ino", 10, &out->ino);
	if (value32(info, "flags", 8, &out->flags))
		out->known |= FACT_FLAGS;
	if (fdinfo_value(info, "eventfd-count", 16, &out->eventfd_count))
		out->known |= FACT_EVENTFD_COUNT;
	if (value32(info, "eventfd-id", 10, &out->eventfd_id))
		out->known |= FACT_EVENTFD_ID;
	if (fdinfo_value(info, "sigmask", 16, &out->signals))
		out->known |= FACT_SIGNALS;
	if (value32(info, "clockid", 10, &out->clock))
		out->known |= FACT_CLOCK;
	if (value32(info, "Pid", 10, &out->pid))
		out->known |= FACT_PID;
	if (value32(info, "map_id", 10, &out->map_id))
		out->known |= FACT_MAP_ID;
}

static void info_read(const char *proc, u32 tgid, s32 fd, struct file_facts *out)
{
	char path[512], info[2048];
	ssize_t len = -1;
	int file;

	snprintf(path, sizeof(path), "%s/%u/fdinfo/%d", proc, tgid, fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		len = read(file, info, sizeof(info) - 1);
		close(file);
	}
	info[len > 0 ? len : 0] = 0;
	info_parse(info, out);
}

/*
 * Inode number and type of what is neither socket nor pipe. fdinfo has the number that the kernel
 * uses (from 5.14 on, 3845f256a8b5), stat() on overlayfs another. But fdinfo of an epoll instance
 * prints every item under ep->mtx: not for us to provoke.
 */
static void inode_read(const char *proc, u32 tgid, s32 fd, struct fddesc_query *q)
{
	bool lists = !strcmp(q->link, ANON "[eventpoll]") || !strcmp(q->link, ANON "inotify") ||
		     !strcmp(q->link, ANON "[fanotify]");
	struct statx st;

	if (!statx(AT_FDCWD, q->path, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &st)) {
		q->facts.mode = st.stx_mode;
		q->facts.ino = st.stx_ino;
	}
	if (!lists)
		info_read(proc, tgid, fd, &q->facts);
}

bool fddesc_proc_link(struct fddesc_query *q)
{
	ssize_t len = readlink(q->path, q->link, sizeof(q->link) - 1);

	q->link[len > 0 ? len : 0] = 0;
	return len >= 0;
}

bool fddesc_proc_read(struct fddesc_query *q, const char *proc, u32 tgid, s32 fd)
{
	if (!fddesc_proc_link(q))
		return false;
	if (link_number(q->link, "socket", &q->facts.ino))
		return true;
	if (link_number(q->link, "pipe", &q->facts.ino))
		info_read(proc, tgid, fd, &q->facts);
	else
		inode_read(proc, tgid, fd, q);
	return true;
}

void fddesc_proc_protocol(struct fddesc_query *q)
{
	ssize_t len =
		getxattr(q->path, "system.sockprotoname", q->facts.name, sizeof(q->facts.name) - 1);

	q->facts.name[len > 0 ? len : 0] = 0;
}
