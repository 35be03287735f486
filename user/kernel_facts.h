/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel has. Asked, never derived from its version. */
#ifndef EPSCOPE_KERNEL_FACTS_H
#define EPSCOPE_KERNEL_FACTS_H

#include "exit_codes.h"
#include "plan.h"

struct btf;

/* What the tracepoint io_uring_complete tells of a request that has ended. */
enum uring_complete {
	URING_COMPLETE_NONE,   /* nothing that names it (5.10) */
	URING_COMPLETE_RESULT, /* the request, and fourth the result */
	URING_COMPLETE_CQE,    /* the request, and third its struct io_uring_cqe */
};

struct kernel_facts {
	struct facts facts;      /* for the plan */
	struct btf *btf;         /* of vmlinux */
	u32 self_tgid;           /* our process in the kernel's own numbers */
	u32 pid_level;           /* of our PID namespace, 0: the first one */
	u64 pid_ns;              /* address of its struct pid_namespace */
	u64 ep_fops;             /* address of eventpoll_fops */
	u32 user_regs_offset;    /* of a thread's user registers from its stack on */
	u32 ovflink_offset;      /* of the ovflist link inside struct epitem */
	bool wait_timeout_is_ms; /* fourth argument of do_epoll_wait() is an int (up to 5.10) */
	enum uring_complete uring_complete;
	u32 hardirq_mask;
	int tp_ids[16]; /* perf ids, in the order of tp_names in kernel_facts.c; 0: none */
};

/*
 * Fills *k. Returns EXIT_OK, or an exit status after one line through log_error(). The result
 * belongs to the caller: kernel_facts_close().
 */
enum exit_code kernel_facts_get(struct kernel_facts *k);
void kernel_facts_close(struct kernel_facts *k);
/* perf id of a syscall tracepoint, 0: none. */
int kernel_facts_tp_id(const struct kernel_facts *k, const char *name);

#endif
