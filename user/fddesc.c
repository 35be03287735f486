/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "fddesc.h"
#include "fddesc_proc.h"

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

/* ---- kinds of descriptors ---- */

/* sockfs names the protocol of every socket, be it in a table or not: "TCP", "TCPv6", "UNIX". */
static enum fddesc_result socket_unlisted(const struct fddesc_query *q, struct rec_fd *out)
{
	static const char *const known[][2] = {
		{ "TCP", "tcp" },         { "TCPv6", "tcp6" },    { "UDP", "udp" },
		{ "UDPv6", "udp6" },      { "UNIX", "unix" },     { "UNIX-STREAM", "unix" },
		{ "NETLINK", "netlink" }, { "PACKET", "packet" }, { "RAW", "raw" },
		{ "RAWv6", "raw6" },
	};
	const char *proto = q->facts.name;
	unsigned long long ino = q->facts.ino;
	char text[128];
	size_t i;

	type_set(out, "other");
	if (!proto[0]) {
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

static enum fddesc_result describe_socket(struct fddesc *f, u32 tgid, struct fddesc_query *q,
					  u64 since_ns, u64 now_ns, struct rec_fd *out)
{
	struct netinfo_desc desc;

	switch (netinfo_find(&f->net, proc_root(f), tgid, q->facts.ino, since_ns, now_ns, &desc)) {
	case NETINFO_FOUND:
		type_set(out, desc.type);
		detail_set(out, desc.text);
		return FDDESC_DONE;
	case NETINFO_LATER:
		return FDDESC_LATER;
	case NETINFO_ABSENT:
		break;
	}
	if (!q->facts.magic) /* memory was not asked */
		fddesc_proc_protocol(q);
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

/* What is known of an anonymous inode's file; empty if nothing. */
static void anon_print(const char *type, const struct file_facts *is, char *out, size_t size)
{
	unsigned long long count = is->eventfd_count;

	if (!strcmp(type, "eventfd") && is->known & FACT_EVENTFD_COUNT) {
		snprintf(out, size, "count %llu when first seen", count);
		if (is->known & FACT_EVENTFD_ID)
			snprintf(out, size, "id %u, count %llu when first seen", is->eventfd_id,
				 count);
	} else if (!strcmp(type, "pidfd") && is->known & FACT_PID) {
		snprintf(out, size, "pid %u", is->pid);
	} else if (!strcmp(type, "timerfd") && is->known & FACT_CLOCK) {
		snprintf(out, size, "%s", clock_name(is->clock));
	} else if (!strcmp(type, "signalfd") && is->known & FACT_SIGNALS) {
		signals_print(out, size, is->signals);
	} else if (!strcmp(type, "bpf-map") && is->known & FACT_MAP_ID) {
		snprintf(out, size, "map id %u", is->map_id);
	}
}

/* "anon_inode:[eventfd]", "anon_inode:inotify". */
static void describe_anon(const struct fddesc_query *q, struct rec_fd *out)
{
	const char *name = q->link + strlen(ANON);
	char type[32], text[104] = "";

	name += *name == '[';
	snprintf(type, sizeof(type), "%.*s", (int)strcspn(name, "]"), name);
	type_set(out, strcmp(type, "eventpoll") ? type : "epoll");
	anon_print(type, &q->facts, text, sizeof(text));
	detail_set(out, text[0] ? text : q->link);
}

/* The end of a pipe or FIFO that this is, by how it was opened. */
static void describe_pipe(const struct fddesc_query *q, struct rec_fd *out)
{
	static const char *const ends[] = { ", read end", ", write end", ", both ends", "" };
	char text[PATH_MAX + 16];
	u32 flags = q->facts.known & FACT_FLAGS ? q->facts.flags : O_ACCMODE;

	snprintf(text, sizeof(text), "%s%s", q->link, ends[flags & O_ACCMODE]);
	type_set(out, "pipe");
	detail_set(out, text);
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static void describe_path(const struct fddesc_query *q, struct rec_fd *out)
{
	const char *type = q->link[0] == '/' ? "file" : "other";

	if (starts(q->link, "/dev/tty") || !strcmp(q->link, "/dev/ptmx") ||
	    starts(q->link, "/dev/pts/") || !strcmp(q->link, "/dev/console"))
		type = "tty";
	else if (S_ISCHR(q->facts.mode) || S_ISBLK(q->facts.mode))
		type = "device";
	type_set(out, type);
	detail_set(out, q->link);
}

static enum fddesc_result describe(struct fddesc *f, u32 tgid, struct fddesc_query *q, u64 since_ns,
				   u64 now_ns, struct rec_fd *out)
{
	if (starts(q->link, "socket:["))
		return describe_socket(f, tgid, q, since_ns, now_ns, out);
	if (starts(q->link, "pipe:[") || S_ISFIFO(q->facts.mode)) {
		describe_pipe(q, out);
	} else if (starts(q->link, ANON)) {
		describe_anon(q, out);
	} else if (starts(q->link, "pidfd:")) {
		type_set(out, "pidfd"); /* 6.9 with pidfs names it so */
		detail_set(out, q->link);
	} else {
		describe_path(q, out);
	}
	return FDDESC_DONE;
}

/* ---- the question ---- */

/* The link, for what has no path: as the file system of sockets, pipes, or the like makes it. Returns
 * false for what has one. */
static bool link_make(struct fddesc_query *q)
{
	unsigned long long ino = q->facts.ino;

	switch (q->facts.magic) {
	case SOCKFS_MAGIC:
		snprintf(q->link, sizeof(q->link), "socket:[%llu]", ino);
		return true;
	case PIPEFS_MAGIC:
		snprintf(q->link, sizeof(q->link), "pipe:[%llu]", ino);
		return true;
	case ANON_INODE_FS_MAGIC:
		snprintf(q->link, sizeof(q->link), ANON "%.*s", (int)sizeof(q->facts.name) - 1,
			 q->facts.name);
		return true;
	case PIDFS_MAGIC:
		snprintf(q->link, sizeof(q->link), ANON "[pidfd]");
		return true;
	default:
		return false;
	}
}

static int ask(const struct fddesc *f, u32 tgid, const struct fddesc_item *item,
	       struct file_facts *out)
{
	int answer = f->ask(f->ask_ctx, tgid, item, out);

	/* Not the file that the snapshot met: the next one tells which it is. */
	if (answer > FILE_UNKNOWN && item->ino && out->ino != item->ino)
		return FILE_UNKNOWN;
	return answer;
}

/*
 * By memory. Only a path is asked of /proc, by readlink() alone, which holds the file for a moment; it
 * is the item's if the descriptor still is afterwards. Returns as f->ask.
 */
static int memory_read(const struct fddesc *f, u32 tgid, const struct fddesc_item *item,
		       struct fddesc_query *q)
{
	int answer = ask(f, tgid, item, &q->facts);

	if (answer != FILE_HERE || link_make(q))
		return answer;
	if (!fddesc_proc_link(q))
		return FILE_UNKNOWN;
	return ask(f, tgid, item, &q->facts);
}

/* By /proc alone. Returns the same. */
static int proc_read(const struct fddesc *f, u32 tgid, const struct fddesc_item *item,
		     struct fddesc_query *q)
{
	if (!fddesc_proc_read(q, proc_root(f), tgid, item->key.fd))
		return FILE_ELSEWHERE;
	if (item->ino && q->facts.ino && q->facts.ino != item->ino)
		return FILE_ELSEWHERE;
	return FILE_HERE;
}

enum fddesc_result fddesc_read(struct fddesc *f, u32 tgid, const struct fddesc_item *item,
			       u64 since_ns, u64 now_ns, struct rec_fd *out)
{
	struct fddesc_query q;
	int answer = -1;

	memset(&q.facts, 0, sizeof(q.facts));
	out->tgid = tgid;
	out->fd = item->key.fd;
	snprintf(q.path, sizeof(q.path), "%s/%u/fd/%d", proc_root(f), tgid, item->key.fd);
	if (f->ask)
		answer = memory_read(f, tgid, item, &q);
	if (answer < 0)
		answer = proc_read(f, tgid, item, &q);
	if (answer == FILE_UNKNOWN)
		return FDDESC_LATER;
	if (answer == FILE_ELSEWHERE)
		return closed(out, item->ino);
	return describe(f, tgid, &q, since_ns, now_ns, out);
}

void fddesc_free(struct fddesc *f)
{
	netinfo_free(&f->net);
}
