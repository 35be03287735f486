/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The attach plan: which mechanism answers each hook's question on this kernel, and why. Pure: facts
 * and wishes in, plan out; `epscope check` prints it, user/session.c carries it out.
 */
#ifndef EPSCOPE_PLAN_H
#define EPSCOPE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include "records.h"

#define MECH_PROGS 6 /* programs that one mechanism has at most */
#define MECH_NEEDS 6 /* functions or tracepoints that it needs at most */

/* What a mechanism needs of the kernel. */
enum need {
	NEED_NOTHING,
	NEED_FENTRY,     /* names: kernel functions, in BTF, and trampolines work */
	NEED_KPROBE,     /* names: kernel functions, and kprobes work */
	NEED_MULTI,      /* names: kernel functions, and kprobe.multi never runs out of returns */
	NEED_TRACEPOINT, /* names: syscall tracepoints under events/syscalls; at least one */
	NEED_TP_BTF,     /* names: tracepoints in BTF */
	NEED_ITER,       /* iter/task; names: helpers, as functions in BTF */
	NEED_COMPLETE,   /* tracepoint io_uring_complete, which says of which request */
};

struct mechanism {
	enum hook hook;
	enum tier tier;
	enum need need;
	const char *kind;  /* the word for --mech: fentry, kprobe, tracepoint, lookup, ... */
	const char *title; /* in full, for people: "fentry do_epoll_wait" */
	const char *note;  /* what it cannot know, or NULL */
	const char *names[MECH_NEEDS]; /* see enum need; NULL-terminated */
	const char *progs[MECH_PROGS]; /* programs in bpf/epscope.bpf.c; NULL-terminated */
	unsigned flags;                /* MECH_* */
};

/* The returns come from the syscall tracepoints, which have to be there too. */
#define MECH_SYS_EXIT 1u

/* Programs beside a mechanism's own. Without them it lacks a figure, and works on. */
struct extra {
	enum hook hook;
	const char *kind; /* of the mechanism that it adds to, NULL: of any */
	enum need need;
	const char *name; /* what it needs; where the kernel has it not, nothing is missing */
	const char *cost; /* what is not known if the kernel refuses it */
	const char *progs[MECH_PROGS];
	unsigned flags; /* EXTRA_* */
};

/* For waits that were under way when we came; attached as long as there are any. */
#define EXTRA_LATE 1u
/* Only with --follow. */
#define EXTRA_FOLLOW 2u
/* Only with --name. */
#define EXTRA_NAME 4u

/* Attached while there is 32-bit code to watch, see user/demand.h. */
#define EXTRA_COMPAT 8u
/* Only if waits are hooked by their system calls. */
#define EXTRA_BY_CALL 16u
/* Only where io_uring calls do_epoll_ctl_file(). */
#define EXTRA_CTL_FILE 32u

#define EXTRAS_MAX 30

/*
 * An fentry program where the kernel may be preempted: on a kernel that does so (6.18 and later, lazy)
 * a thread that is preempted inside it makes the kernel skip it for all others on that CPU until it
 * runs again. Programs of kprobes run with preemption disabled, and serve better there, if the kernel
 * counts what they miss all the same, as it does for fentry; so did those
 * of system call tracepoints before they could fault (7.1). The same holds for tp_btf programs since
 * tracepoints run preemptible (7.x), but not for those of perf (trace_call_bpf()). What runs with
 * interrupts off, as callbacks, wakeups and switches do, has no such trouble.
 */
#define MECH_PREEMPTED 4u

/* What the running kernel has: user/kernel_facts.c asks it; tests write it by hand. */
struct facts {
	bool fentry;          /* an fentry program could be attached */
	bool kprobe;          /* kprobes can be made through perf */
	bool multi;           /* kprobe.multi on the function graph tracer (6.14, 4346ba160409) */
	bool iter;            /* iter/task */
	bool preempts;        /* the kernel preempts code of its own */
	bool counts_missed;   /* calls that kprobes missed (6.7, dd8657894c11) */
	char fentry_why[128]; /* if not, why */
	char kprobe_why[128];
	char tracepoint_why[128];
	/* Whether a function or tracepoint of that name is there. */
	bool (*has)(const struct facts *f, enum need need, const char *name);
	const void *priv; /* for has() */
	/* Mechanisms that were tried and refused: bit per index into mechanisms(). */
	u64 refused;
	char refused_why[64][96];
	u32 extras_refused; /* the same, per index into extras() */
	char extras_why[EXTRAS_MAX][96];
};

struct wishes {
	const char *force[HOOK_COUNT]; /* kind, or NULL: first that works */
	const char *force_all;         /* the same for every hook that has it */
	bool basic;                    /* tracepoints and iterators alone */
	bool follow;                   /* children, too */
	bool name;                     /* all of a name, also those to come */
};

struct plan {
	const struct mechanism *mech[HOOK_COUNT]; /* NULL: the hook's figures are unknown */
	char reason[HOOK_COUNT][160];             /* why this one, or what is missing to get more */
	u32 extras; /* bit per index into extras(): those that are part of it */
};

/* All mechanisms, in the order of preference inside each hook. */
const struct mechanism *mechanisms(size_t *count);
/* Index of a mechanism in that table. */
size_t mechanism_index(const struct mechanism *m);
/* Whether the kernel has what m needs; if not, why (size bytes) says what is missing. */
bool mechanism_usable(const struct facts *f, const struct mechanism *m, char *why, size_t size);
const struct extra *extras(size_t *count);
const char *hook_name(enum hook hook);
/* HOOK_COUNT if there is none of that name. */
enum hook hook_by_name(const char *name);
/*
 * Decides. Returns 0, or -ENOENT when a forced mechanism is not to be had or there is no way at all
 * to see waits; err (size bytes) then says which and why.
 */
int plan_make(struct plan *plan, const struct facts *f, const struct wishes *w, char *err,
	      size_t size);
/* The extra with that flag if the plan has it, else NULL. */
const struct extra *plan_extra(const struct plan *plan, unsigned flag);
/* The hook that the plan wants that program for, HOOK_COUNT: none. */
enum hook plan_hook_of(const struct plan *plan, const char *prog);
bool plan_uses(const struct plan *plan, const char *prog);
/* Books whatever wants that program as refused, so that the next plan goes without it; why: an
 * error's text. False if nothing in the plan wants it. */
bool plan_refuse(const struct plan *plan, struct facts *f, const char *prog, const char *why);
/* The plan's row of one hook, as it goes into recordings and `epscope check`. */
void plan_record(const struct plan *plan, enum hook hook, struct rec_plan *out);

#endif
