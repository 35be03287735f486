/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "netinfo.h"

#define AGAIN_NS       1000000000ULL
#define COST_SHARE     50 /* reading tables takes at most 1/COST_SHARE of the time */
#define READ_CHUNK     65536
#define TEXT_MAX       (1u << 30) /* offsets in the text are 32 bits */
#define TCP_LISTEN     10         /* enum in the kernel's include/net/tcp_states.h */
#define UNIX_ACCEPTCON 0x10000    /* __SO_ACCEPTCON in unix_seq_show() */

enum layout {
	LAYOUT_INET,
	LAYOUT_UNIX,
	LAYOUT_NETLINK,
	LAYOUT_PACKET
};

struct table {
	const char *file, *type;
	enum layout layout;
	int ino_field; /* column of the inode number, from 0 */
	int family;
};

static const struct table tables[NETINFO_TABLES] = {
	{ "tcp", "tcp", LAYOUT_INET, 9, AF_INET },
	{ "tcp6", "tcp6", LAYOUT_INET, 9, AF_INET6 },
	{ "udp", "udp", LAYOUT_INET, 9, AF_INET },
	{ "udp6", "udp6", LAYOUT_INET, 9, AF_INET6 },
	{ "raw", "raw", LAYOUT_INET, 9, AF_INET },
	{ "raw6", "raw6", LAYOUT_INET, 9, AF_INET6 },
	{ "unix", "unix", LAYOUT_UNIX, 6, AF_UNIX },
	{ "netlink", "netlink", LAYOUT_NETLINK, 9, AF_NETLINK },
	{ "packet", "packet", LAYOUT_PACKET, 8, AF_PACKET },
};

/* Column n of a line, NULL if it has fewer. Lines end in a newline, the text in NUL. */
static const char *field(const char *line, int n)
{
	for (;; n--) {
		line += strspn(line, " \t");
		if (!*line || *line == '\n')
			return NULL;
		if (!n)
			return line;
		line += strcspn(line, " \t\n");
	}
}

static const char *line_end(const char *line)
{
	return line + strcspn(line, "\n");
}

/* ---- reading ---- */

static int text_reserve(struct netinfo_space *sp, size_t more)
{
	size_t need = sp->len + more + 2; /* a newline, if the last one misses it, and NUL */
	char *bigger;

	if (need <= sp->size)
		return 0;
	need += need / 2;
	if (need > TEXT_MAX)
		return -EFBIG;
	bigger = realloc(sp->text, need);
	if (!bigger)
		return -ENOMEM;
	sp->text = bigger;
	sp->size = need;
	return 0;
}

/* Appends a table. One that cannot be read (no IPv6, process gone) is an empty one. */
static void table_read(struct netinfo_space *sp, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t start = sp->len;
	ssize_t got = 1;

	while (fd >= 0 && got > 0 && !text_reserve(sp, READ_CHUNK)) {
		do
			got = read(fd, sp->text + sp->len, READ_CHUNK);
		while (got < 0 && errno == EINTR);
		if (got > 0)
			sp->len += (size_t)got;
	}
	if (fd >= 0)
		close(fd);
	if (sp->len > start && sp->text[sp->len - 1] != '\n')
		sp->text[sp->len++] = '\n';
}

static void table_index(struct netinfo_space *sp, int t)
{
	const char *line = sp->text + sp->start[t], *end = sp->text + sp->start[t + 1], *p;
	u64 ino;

	for (line = line_end(line) + 1; line < end; line = line_end(line) + 1) {
		p = field(line, tables[t].ino_field);
		ino = p ? strtoull(p, NULL, 10) : 0;
		/* 0: TIME_WAIT and the like, which no descriptor refers to. Without memory for
		 * the index, the rest is treated as not there. */
		if (ino && map_put(&sp->by_ino, ino, 0, (u32)(line - sp->text)))
			return;
	}
}

static void space_read(struct netinfo_space *sp, const char *proc, u32 tgid, u64 now_ns)
{
	u64 begin = clock_mono_ns(), cost;
	char path[512];
	int t;

	sp->len = 0;
	map_clear(&sp->by_ino);
	for (t = 0; t < NETINFO_TABLES; t++) {
		sp->start[t] = sp->len;
		snprintf(path, sizeof(path), "%s/%u/net/%s", proc, tgid, tables[t].file);
		table_read(sp, path);
	}
	sp->start[t] = sp->len;
	if (sp->len) {
		sp->text[sp->len] = 0;
		for (t = 0; t < NETINFO_TABLES; t++)
			if (sp->start[t + 1] > sp->start[t])
				table_index(sp, t);
	}
	cost = (clock_mono_ns() - begin) * COST_SHARE;
	sp->read_ns = now_ns;
	sp->again_ns = now_ns + (cost > AGAIN_NS ? cost : AGAIN_NS);
}

/* ---- namespaces ---- */

static u64 space_key(const char *proc, u32 tgid)
{
	char path[512], link[64];
	unsigned long long ino;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/%u/ns/net", proc, tgid);
	len = readlink(path, link, sizeof(link) - 1);
	if (len > 0) {
		link[len] = 0;
		if (sscanf(link, "net:[%llu]", &ino) == 1 && ino)
			return ino;
	}
	return NETINFO_BY_TGID | tgid;
}

/* The kept tables of a namespace, or the place for them; NULL: all places were read just now. */
static struct netinfo_space *space_get(struct netinfo *ni, u64 key, u64 now_ns)
{
	struct netinfo_space *oldest = &ni->spaces[0], *sp;

	for (sp = ni->spaces; sp < ni->spaces + NETINFO_SPACES; sp++) {
		if (sp->key == key)
			return sp;
		if (sp->used_ns < oldest->used_ns) /* 0: a free one */
			oldest = sp;
	}
	if (oldest->key && now_ns < oldest->again_ns)
		return NULL;
	map_clear(&oldest->by_ino);
	oldest->key = key;
	oldest->read_ns = oldest->again_ns = 0;
	return oldest;
}

/* ---- describing ---- */

/* "0100007F:1F90", the address in 32-bit words as they are in memory. */
static bool address_parse(const char *p, int family, char *out, size_t size, bool *any)
{
	u32 words[4] = { 0 }, n = family == AF_INET6 ? 4 : 1, i;
	unsigned int port;
	char text[INET6_ADDRSTRLEN];
	int used;

	for (i = 0; i < n; i++, p += used)
		if (sscanf(p, "%8x%n", &words[i], &used) != 1 || used != 8)
			return false;
	if (sscanf(p, ":%4x", &port) != 1 || !inet_ntop(family, words, text, sizeof(text)))
		return false;
	*any = !(words[0] | words[1] | words[2] | words[3]) && !port;
	snprintf(out, size, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
	return true;
}

static bool describe_inet(const struct table *t, const char *line, struct netinfo_desc *out)
{
	char local[64], remote[64];
	bool local_any, remote_any;
	const char *state = field(line, 3);

	if (!address_parse(field(line, 1), t->family, local, sizeof(local), &local_any) ||
	    !address_parse(field(line, 2), t->family, remote, sizeof(remote), &remote_any))
		return false;
	if (!remote_any)
		snprintf(out->text, sizeof(out->text), "%s -> %s", local, remote);
	else if (!strncmp(t->file, "tcp", 3) && strtoul(state, NULL, 16) == TCP_LISTEN)
		snprintf(out->text, sizeof(out->text), "%s LISTEN", local);
	else
		snprintf(out->text, sizeof(out->text), "%s", local);
	return true;
}

/* "Num RefCount Protocol Flags Type St Inode Path"; the path may hold blanks. */
static void describe_unix(const char *line, u64 ino, struct netinfo_desc *out)
{
	const char *p = field(line, 6), *listen = "";

	if (strtoul(field(line, 3), NULL, 16) & UNIX_ACCEPTCON)
		listen = " LISTEN";
	p += strcspn(p, " \n");
	p += *p == ' ';
	if (p < line_end(p))
		snprintf(out->text, sizeof(out->text), "%.*s%s", (int)(line_end(p) - p), p, listen);
	else
		snprintf(out->text, sizeof(out->text), "unix:[%llu]%s", (unsigned long long)ino,
			 listen);
}

static bool describe(const struct netinfo_space *sp, u32 at, u64 ino, struct netinfo_desc *out)
{
	const char *from = sp->text + at;
	const struct table *t = tables;
	char line[512];

	while (at >= sp->start[t - tables + 1])
		t++;
	/* Alone, since sscanf() takes the length of all that it is given. */
	snprintf(line, sizeof(line), "%.*s", (int)(line_end(from) - from), from);
	if (!field(line, t->ino_field))
		return false;
	snprintf(out->type, sizeof(out->type), "%s", t->type);
	switch (t->layout) {
	case LAYOUT_INET:
		return describe_inet(t, line, out);
	case LAYOUT_UNIX:
		describe_unix(line, ino, out);
		return true;
	case LAYOUT_NETLINK: /* "sk Eth Pid Groups ..." */
		snprintf(out->text, sizeof(out->text), "protocol %lu port %lu",
			 strtoul(field(line, 1), NULL, 10), strtoul(field(line, 2), NULL, 10));
		return true;
	case LAYOUT_PACKET: /* "sk RefCnt Type Proto Iface ..." */
		snprintf(out->text, sizeof(out->text), "protocol 0x%04lx interface %lu",
			 strtoul(field(line, 3), NULL, 16), strtoul(field(line, 4), NULL, 10));
		return true;
	}
	return false;
}

enum netinfo_result netinfo_find(struct netinfo *ni, const char *proc, u32 tgid, u64 ino,
				 u64 since_ns, u64 now_ns, struct netinfo_desc *out)
{
	struct netinfo_space *sp = space_get(ni, space_key(proc, tgid), now_ns);
	s64 at;

	if (!sp)
		return NETINFO_LATER;
	sp->used_ns = now_ns;
	at = map_get(&sp->by_ino, ino, 0);
	if (at < 0 && now_ns >= sp->again_ns) {
		space_read(sp, proc, tgid, now_ns);
		ni->reads++;
		at = map_get(&sp->by_ino, ino, 0);
	}
	if (at >= 0 && describe(sp, (u32)at, ino, out))
		return NETINFO_FOUND;
	return sp->read_ns >= since_ns ? NETINFO_ABSENT : NETINFO_LATER;
}

void netinfo_free(struct netinfo *ni)
{
	int i;

	for (i = 0; i < NETINFO_SPACES; i++) {
		map_free(&ni->spaces[i].by_ino);
		free(ni->spaces[i].text);
	}
	memset(ni, 0, sizeof(*ni));
}
