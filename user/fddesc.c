/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "fddesc.h"
#include "fdinfo.h"

#define ANON "anon_inode:"

/* One descriptor that is being described. */
struct query {
	char path[512]; /* of its link */
	char link[PATH_MAX + 1];
	char info[2048]; /* its fdinfo, empty if it was not read */
	u64 ino;         /* 0: not known */
	u32 mode;        /* file type bits as in stat.st_mode, 0: not known */
};

static const char *proc_root(const struct fddesc *f)
{
	return f->proc ? f->proc : "/proc";
}

/* ---- the answer ---- */

/* Names belong to other people: what would move a cursor is replaced. The end of a path tells more
 * than its beginning; UTF-8 characters are not cut. */
static void detail_set(struct rec_fd *out, const char *text)
{
	size_t len = strlen(text), room = sizeof(out->detail) - 1;
	char *p;

	if (len <= room) {
		snprintf(out->detail, sizeof(out->detail), "%.*s", (int)room, text);
	} else {
		text += len - (room - 3);
		while (((unsigned char)*text & 0xc0) == 0x80)
			text++;
		snprintf(out->detail, sizeof(out->detail), "...%.*s", (int)(room - 3), text);
	}
	for (p = out->detail; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}

static void type_set(struct rec_fd *out, const char *type)
{
	snprintf(out->type, sizeof(out->type), "%.*s", (int)sizeof(out->type) - 1, type);
}

static enum fddesc_result closed(struct rec_fd *out, u64 ino)
{
	char text[64];

	snprintf(text, sizeof(text), "closed descriptor (inode %llu)", (unsigned long long)ino);
	type_set(out, "other");
	detail_set(out, text);
	return FDDESC_GONE;
}

/* ---- what /proc says ---- */

static bool link_number(const char *link, const char *kind, u64 *ino)
{
	unsigned long long val;
	size_t len = strlen(kind);

	if (strncmp(link, kind, len) || sscanf(link + len, ":[%llu]", &val) != 1)
		return false;
	*ino = val;
	return true;
}

static void info_read(const char *proc, u32 tgid, s32 fd, struct query *q)
{
	char path[512];
	ssize_t len = -1;
	int file;

	snprintf(path, sizeof(path), "%s/%u/fdinfo/%d", proc, tgid, fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		len = read(file, q->info, sizeof(q->info) - 1);
		close(file);
	}
	q->info[len > 0 ? len : 0] = 0;
}

/*
 * Inode number and type of what is neither socket nor pipe. fdinfo has the number that the kernel
 * uses (from 5.14 on, 3845f256a8b5), stat() on overlayfs another. But fdinfo of an epoll instance
 * prints every item under ep->mtx: not for us to provoke.
 */
static void inode_read(const char *proc, u32 tgid, s32 fd, struct query *q)
{
	bool lists = !strcmp(q->link, ANON "[eventpoll]") || !strcmp(q->link, ANON "inotify") ||
		     !strcmp(q->link, ANON "[fanotify]");
	struct statx st;

	if (!lists)
		info_read(proc, tgid, fd, q);
	if (!statx(AT_FDCWD, q->path, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &st)) {
		q->mode = st.stx_mode & S_IFMT;
		q->ino = st.stx_ino;
	}
	fdinfo_value(q->info, "ino", 10, &q->ino);
}

/* ---- kinds of descriptors ---- */

/* sockfs names the protocol of every socket, be it in a table or not: "TCP", "TCPv6", "UNIX". */
static enum fddesc_result socket_unlisted(const struct query *q, struct rec_fd *out)
{
	static const char *const known[][2] = {
		{ "TCP", "tcp" },         { "TCPv6", "tcp6" },    { "UDP", "udp" },
		{ "UDPv6", "udp6" },      { "UNIX", "unix" },     { "UNIX-STREAM", "unix" },
		{ "NETLINK", "netlink" }, { "PACKET", "packet" }, { "RAW", "raw" },
		{ "RAWv6", "raw6" },
	};
	char proto[32] = "", text[128];
	ssize_t len = getxattr(q->path, "system.sockprotoname", proto, sizeof(proto) - 1);
	unsigned long long ino = q->ino;
	size_t i;

	type_set(out, "other");
	if (len <= 0) {
		detail_set(out, q->link);
		return FDDESC_VAGUE;
	}
	snprintf(text, sizeof(text), "%s, socket:[%llu]", proto, ino);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(proto, known[i][0]))
			continue;
		type_set(out, known[i][1]);
		snprintf(text, sizeof(text), "unbound or in another netns, socket:[%llu]", ino);
	}
	detail_set(out, text);
	return FDDESC_VAGUE;
}

static enum fddesc_result describe_socket(struct fddesc *f, u32 tgid, const struct query *q,
					  u64 since_ns, u64 now_ns, struct rec_fd *out)
{
	struct netinfo_desc desc;

	switch (netinfo_find(&f->net, proc_root(f), tgid, q->ino, since_ns, now_ns, &desc)) {
	case NETINFO_FOUND:
		type_set(out, desc.type);
		detail_set(out, desc.text);
		return FDDESC_DONE;
	case NETINFO_LATER:
		return FDDESC_LATER;
	case NETINFO_ABSENT:
		break;
	}
	return socket_unlisted(q, out);
}

static const char *clock_name(u64 id)
{
	static const char *const names[] = {
		[0] = "CLOCK_REALTIME",       [1] = "CLOCK_MONOTONIC",      [7] = "CLOCK_BOOTTIME",
		[8] = "CLOCK_REALTIME_ALARM", [9] = "CLOCK_BOOTTIME_ALARM",
	};

	return id < sizeof(names) / sizeof(names[0]) && names[id] ? names[id] : "clock unknown";
}

/* "signals 10,12" of a mask with a bit per signal, from 1 on. */
static void signals_print(char *out, size_t size, u64 mask)
{
	size_t len = (size_t)snprintf(out, size, "signals ");
	int sig;

	for (sig = 1; sig <= 64 && len < size; sig++)
		if (mask & 1ULL << (sig - 1))
			len += (size_t)snprintf(out + len, size - len, "%d,", sig);
	out[strlen(out) - 1] = 0;
}

/* What fdinfo tells of an anonymous inode's file; empty if nothing. */
static void anon_print(const char *type, const char *info, char *out, size_t size)
{
	u64 val, id;

	if (!strcmp(type, "eventfd") && fdinfo_value(info, "eventfd-count", 16, &val)) {
		snprintf(out, size, "count %llu when first seen", (unsigned long long)val);
		if (fdinfo_value(info, "eventfd-id", 10, &id))
			snprintf(out, size, "id %llu, count %llu when first seen",
				 (unsigned long long)id, (unsigned long long)val);
	} else if (!strcmp(type, "pidfd") && fdinfo_value(info, "Pid", 10, &val)) {
		snprintf(out, size, "pid %llu", (unsigned long long)val);
	} else if (!strcmp(type, "timerfd") && fdinfo_value(info, "clockid", 10, &val)) {
		snprintf(out, size, "%s", clock_name(val));
	} else if (!strcmp(type, "signalfd") && fdinfo_value(info, "sigmask", 16, &val)) {
		signals_print(out, size, val);
	} else if (!strcmp(type, "bpf-map") && fdinfo_value(info, "map_id", 10, &id)) {
		snprintf(out, size, "map id %llu", (unsigned long long)id);
	}
}

/* "anon_inode:[eventfd]", "anon_inode:inotify". */
static void describe_anon(const struct query *q, struct rec_fd *out)
{
	const char *name = q->link + strlen(ANON);
	char type[32], text[104] = "";

	name += *name == '[';
	snprintf(type, sizeof(type), "%.*s", (int)strcspn(name, "]"), name);
	type_set(out, strcmp(type, "eventpoll") ? type : "epoll");
	anon_print(type, q->info, text, sizeof(text));
	detail_set(out, text[0] ? text : q->link);
}

/* The end of a pipe or FIFO that this is, by how it was opened. */
static void describe_pipe(const struct query *q, struct rec_fd *out)
{
	static const char *const ends[] = { ", read end", ", write end", ", both ends", "" };
	char text[PATH_MAX + 16];
	u64 flags = O_ACCMODE;

	fdinfo_value(q->info, "flags", 8, &flags);
	snprintf(text, sizeof(text), "%s%s", q->link, ends[flags & O_ACCMODE]);
	type_set(out, "pipe");
	detail_set(out, text);
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static void describe_path(const struct query *q, struct rec_fd *out)
{
	const char *type = q->link[0] == '/' ? "file" : "other";

	if (starts(q->link, "/dev/tty") || !strcmp(q->link, "/dev/ptmx") ||
	    starts(q->link, "/dev/pts/") || !strcmp(q->link, "/dev/console"))
		type = "tty";
	else if (q->mode == S_IFCHR || q->mode == S_IFBLK)
		type = "device";
	type_set(out, type);
	detail_set(out, q->link);
}

enum fddesc_result fddesc_read(struct fddesc *f, u32 tgid, s32 fd, u64 ino, u64 since_ns,
			       u64 now_ns, struct rec_fd *out)
{
	struct query q;
	bool is_socket, is_pipe;
	ssize_t len;

	q.ino = q.mode = 0;
	q.info[0] = 0;
	out->tgid = tgid;
	out->fd = fd;
	snprintf(q.path, sizeof(q.path), "%s/%u/fd/%d", proc_root(f), tgid, fd);
	len = readlink(q.path, q.link, sizeof(q.link) - 1);
	if (len < 0)
		return closed(out, ino);
	q.link[len] = 0;
	is_socket = link_number(q.link, "socket", &q.ino);
	is_pipe = !is_socket && link_number(q.link, "pipe", &q.ino);
	if (is_pipe)
		info_read(proc_root(f), tgid, fd, &q);
	else if (!is_socket)
		inode_read(proc_root(f), tgid, fd, &q);
	if (ino && q.ino && q.ino != ino)
		return closed(out, ino);
	if (is_socket)
		return describe_socket(f, tgid, &q, since_ns, now_ns, out);
	if (is_pipe || q.mode == S_IFIFO) {
		describe_pipe(&q, out);
	} else if (starts(q.link, ANON)) {
		describe_anon(&q, out);
	} else if (starts(q.link, "pidfd:")) {
		type_set(out, "pidfd"); /* 6.9 with pidfs names it so */
		detail_set(out, q.link);
	} else {
		describe_path(&q, out);
	}
	return FDDESC_DONE;
}

void fddesc_free(struct fddesc *f)
{
	netinfo_free(&f->net);
}
