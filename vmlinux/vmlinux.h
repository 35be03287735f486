/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types that epscope reads, and of each only the fields that it reads. CO-RE finds every
 * field by name in the running kernel's BTF, so order and size here mean nothing. Where a field or
 * type was renamed, a flavor (name___meaning) says since when; bpf/kernel.bpf.h picks at load time.
 */
#ifndef __VMLINUX_H__ /* the name by which libbpf tells what struct pt_regs looks like */
#define __VMLINUX_H__

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;
typedef long long s64;
/* The spellings that libbpf's headers use. */
typedef u8 __u8;
typedef u16 __u16;
typedef short __s16;
typedef u32 __u32;
typedef s32 __s32;
typedef u64 __u64;
typedef s64 __s64;
typedef u16 __be16;
typedef u32 __be32;
typedef u32 __wsum;

enum {
	false = 0,
	true = 1,
};
typedef _Bool bool;

/* include/uapi/linux/bpf.h: what libbpf's helper headers and our maps name. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_EXIST = 2,
	BPF_F_MMAPABLE = 1 << 10,
	BPF_RB_NO_WAKEUP = 1,
};

/* Asked whether it is there: since 5.15. */
enum bpf_func_id {
	BPF_FUNC_task_pt_regs = 175,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct rb_node {
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

struct file_operations;

struct super_block {
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	void *i_private;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct file {
	const struct file_operations *f_op;
	struct inode *f_inode;
	unsigned int f_flags;
	struct path f_path;
	void *private_data;
	struct hlist_head *f_ep; /* since 5.11 (319c15174757) */
};

typedef struct {
	long long counter;
} atomic64_t;

/* References to a file, up to 6.12 ... */
struct file___f_count {
	atomic64_t f_count;
};

/* ... and since 6.13: below 0 once there is none (file_ref_put()). */
struct file___f_ref {
	struct {
		atomic64_t refcnt;
	} f_ref;
};

/* Up to 5.10 the items of a file hang on it as a list_head. */
struct file___f_ep_links {
	struct list_head f_ep_links;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *close_on_exec;
};

struct files_struct {
	struct fdtable *fdt;
};

typedef struct {
	int counter;
} atomic_t;

struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[1]; /* by enum pid_type: the thread comes first */
	struct upid numbers[1];
};

struct signal_struct {
	atomic_t live;
};

struct thread_info {
	u32 status; /* of x86 */
};

struct mm_struct {
	unsigned long task_size;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state; /* since 5.14 (2f064a59a11f) */
	int pid;
	int tgid;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 start_time;
	struct signal_struct *signal;
	struct files_struct *files;
	struct mm_struct *mm;
	void *stack;
	char comm[16];
};

struct task_struct___state {
	volatile long state;
};

struct wait_queue_entry {
	void *private;
	struct list_head entry;
};

struct raw_spinlock {
	unsigned int raw_lock; /* arch_spinlock_t: not 0 while it is held */
};

/* On PREEMPT_RT it is an rt_mutex, and has no rlock. */
typedef struct spinlock {
	struct raw_spinlock rlock;
} spinlock_t;

struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
};

typedef struct wait_queue_entry wait_queue_entry_t;
typedef struct wait_queue_head wait_queue_head_t;

/* fs/eventpoll.c */
struct epoll_filefd { /* struct epoll_key since 7.2; CO-RE matches an embedded struct by fields */
	struct file *file;
	int fd;
};

struct eventpoll {
	wait_queue_head_t wq;
	struct list_head rdllist;
	struct rb_root_cached rbr;
	struct epitem *ovflist;
	struct file *file;
};

struct epoll_event_kernel { /* struct epoll_event inside struct epitem */
	u32 events;
	u64 data;
};

struct epitem {
	struct rb_node rbn;
	struct list_head rdllink;
	struct epitem *next; /* the link of ovflist, see the flavor */
	struct epoll_filefd ffd;
	struct eventpoll *ep;
	struct hlist_node fllink; /* list_head up to 5.10 */
	struct epoll_event_kernel event;
};

/* "next" became "ovflist_next" in 7.2 and in stable updates of older series. */
struct epitem___ovflist_next {
	struct epitem *ovflist_next;
};

struct epitem___fllink_list {
	struct list_head fllink;
};

struct eppoll_entry {
	struct epitem *base;
	wait_queue_entry_t wait;
};

struct poll_table_struct;

struct ep_pqueue {
	struct epitem *epi;
};

/* What private_data of a file is, by kind: fs/eventfd.c, fs/timerfd.c, fs/signalfd.c, BPF's maps. */
struct eventfd_ctx {
	u64 count;
	int id;
};

struct timerfd_ctx {
	int clockid;
};

struct signalfd_ctx {
	struct {
		unsigned long sig[1];
	} sigmask; /* those that it does not take */
};

struct bpf_map {
	u32 id;
};

/* "missed" came with 6.7. */
struct bpf_link_info {
	union {
		struct {
			union {
				struct {
					u64 missed;
				} kprobe;
			};
		} perf_event;
	};
};

/* Argument of do_epoll_ctl_file() since 7.2. */
struct epoll_key {
	struct file *file;
	int fd;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	u64 session_id;
	u64 seq_num;
};

struct bpf_iter__task {
	struct task_struct *task;
};

struct trace_event_raw_sys_enter {
	long id;
	unsigned long args[6];
};

struct trace_event_raw_sys_exit {
	long id;
	long ret;
};

struct trace_event_raw_sched_process_exec {
	int old_pid;
};

/* io_uring: a request, and what it asks for, which is kept in the request's first bytes. */
struct io_kiocb {
	u8 opcode;
};

struct io_epoll {
	int epfd;
	int op;
	int fd;
	struct epoll_event_kernel event;
};

struct io_epoll_wait { /* since 6.15 (19f7e9427396) */
	struct file *file;
	int maxevents;
	void *events;
};

struct io_uring_cqe {
	s32 res;
};

/* Where x86 keeps the preempt count from 6.2 to 6.14; before and after it is __preempt_count. */
struct pcpu_hot {
	int preempt_count;
};

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};

/* Registers of a kprobe, for libbpf's PT_REGS_PARM*. */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};

#pragma clang attribute pop

/* The user's struct epoll_event: packed on x86-64, and the same for its 32-bit callers. */
struct epoll_event_user {
	u32 events;
	u64 data;
}
#ifdef __TARGET_ARCH_x86
__attribute__((packed))
#endif
;

/* include/uapi/linux/eventpoll.h */
#define EPOLL_CTL_ADD  1
#define EPOLL_CTL_DEL  2
#define EPOLL_CTL_MOD  3
#define EPOLLERR       0x8u
#define EPOLLHUP       0x10u
#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP    (1u << 29)
#define EPOLL_CLOEXEC  02000000
#define EPOLLONESHOT   (1u << 30)
#define EPOLLET        (1u << 31)
/* fs/eventpoll.c */
#define EP_PRIVATE_BITS (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

/* include/uapi/linux/io_uring.h */
#define IORING_OP_EPOLL_CTL  29
#define IORING_OP_EPOLL_WAIT 59

/* arch/x86/include/asm/thread_info.h: the system call that runs was made by 32-bit code */
#define TS_COMPAT 0x2u
/* arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl */
#define NR_EPOLL_WAIT         232
#define NR_EPOLL_PWAIT        281
#define NR_EPOLL_PWAIT2       441
#define NR_IA32_EPOLL_CREATE  254
#define NR_IA32_EPOLL_CTL     255
#define NR_IA32_EPOLL_WAIT    256
#define NR_IA32_EPOLL_PWAIT   319
#define NR_IA32_EPOLL_CREATE1 329
#define NR_IA32_EPOLL_PWAIT2  441

#define EINTR     4
#define EBADF     9
#define EAGAIN    11
#define EEXIST    17
#define EFAULT    14
#define EINVAL    22
#define ECANCELED 125

#endif
