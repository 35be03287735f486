/* SPDX-License-Identifier: GPL-2.0 */
/* Of the contract: what is read of the kernel's own structures, and how user space asks for it. */
#ifndef EPSCOPE_CONTRACT_SNAP_H
#define EPSCOPE_CONTRACT_SNAP_H

/* Ready items of an instance that a snapshot lists in order; more are only counted. */
#define SNAP_READY_MAX 8192

/* A descriptor of an instance. */
struct snap_owner {
	u64 id;
	u64 ep;
	u32 tgid;
	s32 fd;
	char comm[COMM_LEN];
};

/* An instance at one moment. */
struct snap_tree {
	u64 id;
	u64 ts;
	u64 root;     /* address of the root's rb_node, 0: empty */
	u32 items;    /* nodes that were read */
	u32 ready;    /* items on rdllist */
	u32 overflow; /* items on ovflist */
	u32 waiters;  /* entries of ep->wq */
	u32 flags;
	u32 change; /* items added less those removed, as counted when the walk of the tree began */
};
#define SNAP_WALKED       1u  /* its tree was read, not only its lists */
#define SNAP_MORE         2u  /* buffer full: ask again to resume */
#define SNAP_SCANNING     4u  /* a scan was running: the ready items are on its private list */
#define SNAP_TORN         8u  /* no red-black tree: it changed meanwhile */
#define SNAP_READY_CUT    16u /* ready list longer than what was walked */
#define SNAP_WAITERS_CUT  32u /* more waiters than were walked: a lower bound */
#define SNAP_READY_TORN   64u /* the ready list changed each time that it was read: not known */
#define SNAP_MOVED        128u /* a tree, but it changed while it was read: not the tree of one moment */
#define SNAP_WAITERS_TORN 256u /* the list of waiters changed each time that it was read */

/* On rdllist behind what was listed. */
#define READY_POS_UNKNOWN (~0u)

/* One node of the tree, in key order as the kernel sorts: by (address of struct file, fd). */
struct snap_node {
	u64 node;         /* address of the rb_node: what left, right and parent refer to */
	u64 parent_color; /* rb_node.__rb_parent_color: bit 0 set is black */
	u64 left;
	u64 right;
	u64 file;
	u64 data;
	u64 ino; /* inode number: socket:[ino] */
	s32 fd;
	u32 events;
	u32 ready;  /* position on rdllist from 1, 0: not on it, READY_POS_UNKNOWN; by user space */
	u32 linked; /* rdllink in use: on rdllist or in a running scan */
};

/* Room for a node or, while descriptors are looked for, an owner. */
union snap_slot {
	struct snap_node node;
	struct snap_owner owner;
};

#define WALK_ALL (~0ULL) /* for snap_control.walk */

/* What user space asks, the answer, and where the work stands. User space asks one thing at a time. */
struct snap_control {
	u32 pass; /* instances already read in this pass are not read again, but for again */
	/* descriptors: bpf/discover.bpf.h */
	u32 tgid;    /* only those of this process, 0: of all targets */
	u32 tid, fd; /* where to go on */
	u32 owners;  /* answer: slots in use ... */
	u32 more;    /* ... and whether there are more */
	/* one instance: bpf/snapshot.bpf.h */
	u64 ep;
	u64 after_file; /* from the first key above (file, fd) */
	s64 after_fd;
	u64 walk;  /* its tree, not only its lists, if it is this one; WALK_ALL: whichever it is */
	u32 again; /* although it was read in this pass */
	u32 retry; /* since its tree had changed meanwhile */
	u32 read;  /* answer: 0 if it is not there, ended meanwhile, or was read in this pass ... */
	u32 ready_used; /* ... entries of the ready list ... */
	struct snap_tree
		tree; /* ... and the nodes, in the slots; lists come with the last of them */
	/* Then the same again: whether that many nodes in the slots are still so. */
	u64 changes; /* kept from the one to the other */
	u32 verify;
	u32 verified;      /* begins with 0 */
	u32 verify_linked; /* also whether they are ready, since the ready list is long */
	/* working state */
	u64 task, fd_table;
	u64 node;
	u64 list_head, list_prev, list_cur;
	u64 list_hash; /* of what was met, in order */
	u32 list_len;
	u32 list_tries;
	u64 hash_before; /* of the pass before */
	u32 end_before;
	u64 seed_id; /* of the instance whose items are seeded; user space begins with 0 */
	u32 end;
	u32 seeding; /* its waiters are seeded, too */
	u32 fd_max;
};

/*
 * What a file is, read as memory: see ask_file() in bpf/ask_file.bpf.h. What private_data points to is
 * read as each of the things that it may be; name tells which of them is meant.
 */
struct file_facts {
	u64 ino;
	u64 magic;         /* of its file system */
	u64 eventfd_count; /* from here on: if its bit of known is set */
	u64 signals;       /* a bit per signal that the signalfd takes, from signal 1 on */
	u32 eventfd_id;
	u32 clock; /* clockid_t of the timerfd */
	u32 pid;   /* that the pidfd means, as the caller sees it; 0: out of his sight */
	u32 map_id;
	u32 known;
	u32 flags;     /* as open(2) takes them */
	u32 mode;      /* as in stat.st_mode */
	char name[64]; /* of an anonymous inode: "[eventfd]"; of a socket its protocol: "TCP" */
	u32 pad;
};
#define FACT_EVENTFD_COUNT 1u
#define FACT_EVENTFD_ID    2u
#define FACT_SIGNALS       4u
#define FACT_CLOCK         8u
#define FACT_PID           16u /* it still has a process */
#define FACT_MAP_ID        32u
#define FACT_FLAGS         64u

/* PID_FS_MAGIC of include/uapi/linux/magic.h, which older headers lack. */
#define PIDFS_MAGIC 0x50494446u

/* Answer of ask_file(). */
enum file_answer {
	FILE_UNKNOWN,   /* not now: item or instance are gone or move, or the process was not met */
	FILE_HERE,      /* the facts are those of the item's file, which that descriptor is */
	FILE_ELSEWHERE, /* the same, but the process has closed that descriptor */
};

_Static_assert(sizeof(struct file_facts) == 128, "file_facts");
_Static_assert(sizeof(struct snap_owner) == 40, "snap_owner");
_Static_assert(sizeof(struct snap_tree) == 48, "snap_tree");
_Static_assert(sizeof(struct snap_node) == 72, "snap_node");

#endif
