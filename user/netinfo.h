/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets by inode number, from the tables in /proc/PID/net. The tables of a network namespace are
 * read as a whole and kept; a line is only understood when its socket is asked for. They are read
 * again only for a socket that is not in them, and at most once a second.
 */
#ifndef EPSCOPE_NETINFO_H
#define EPSCOPE_NETINFO_H

#include "contract.h"
#include "model_map.h"

#define NETINFO_SPACES  64 /* network namespaces kept; the one not asked for the longest goes */
#define NETINFO_TABLES  9
#define NETINFO_BY_TGID (1ULL << 63)

enum netinfo_result {
	NETINFO_FOUND,
	NETINFO_ABSENT, /* not in tables read at since_ns or later: neither bound nor connected */
	NETINFO_LATER,  /* the tables are older than that, and it is too early to read them again */
};

struct netinfo_space {
	u64 key; /* inode number; where it cannot be read NETINFO_BY_TGID | tgid; 0: free */
	u64 read_ns, again_ns, used_ns;
	char *text; /* all tables, one behind the other */
	size_t len, size;
	size_t start[NETINFO_TABLES + 1]; /* where each begins in text */
	struct map by_ino;                /* inode number -> offset of its line in text */
};

/* All zero is a valid start. */
struct netinfo {
	struct netinfo_space spaces[NETINFO_SPACES];
	u64 reads; /* how often tables were read */
};

/* What a socket is, e.g. "tcp" and "127.0.0.1:80 -> 127.0.0.1:5000". */
struct netinfo_desc {
	char type[16];
	char text[256]; /* a Unix path in it is as its owner chose it: any byte may occur */
};

/*
 * Describes the socket ino in the namespace of process tgid. proc: folder where /proc is mounted.
 * since_ns: when the socket was known to exist, now_ns: now (both CLOCK_MONOTONIC). out is filled
 * in for NETINFO_FOUND only.
 */
enum netinfo_result netinfo_find(struct netinfo *ni, const char *proc, u32 tgid, u64 ino,
				 u64 since_ns, u64 now_ns, struct netinfo_desc *out);
void netinfo_free(struct netinfo *ni);

#endif
