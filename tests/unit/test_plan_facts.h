/* SPDX-License-Identifier: GPL-2.0 */
/* Facts of kernels, written by hand as they were measured on the real ones, and what a plan is. */
#ifndef TESTS_PLAN_FACTS_H
#define TESTS_PLAN_FACTS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "plan.h"

#define NO_FENTRY  "fentry programs cannot be attached: no CONFIG_FUNCTION_TRACER"
#define NO_KPROBE  "kprobes cannot be made: no CONFIG_KPROBES"
#define NO_TRACEFS "tracefs is not there"

/* Functions that epscope may use and that every kernel measured has. */
#define COMMON                                                                \
	"do_epoll_create do_epoll_ctl ep_ptable_queue_proc ep_poll_callback " \
	"ep_autoremove_wake_function do_epoll_wait eventpoll_release_file ep_eventpoll_release "

struct kernel {
	const char *functions; /* words between blanks */
	const char *helpers;   /* of BPF, as functions in BTF */
	bool tracepoints;      /* of the epoll system calls */
	bool tp_btf;
	bool uring_complete; /* its tracepoint names the request */
};

static const struct kernel v5_10 = { COMMON "ep_send_events_proc ", "", true, true, false };
static const struct kernel v6_1 = { COMMON "ep_done_scan ", "bpf_loop ", true, true, true };
static const struct kernel v6_12 = { COMMON "ep_done_scan ep_start_scan ", "bpf_loop ", true, true,
				     true };
static const struct kernel v6_18 = { COMMON "ep_done_scan ep_send_events epoll_sendevents ",
				     "bpf_loop ", true, true, true };
static const struct kernel v7_2 = { COMMON "ep_done_scan ep_start_scan ep_send_events "
					   "epoll_sendevents do_epoll_ctl_file ",
				    "bpf_loop ", true, true, true };
static const struct kernel bare = { "", "", false, false, false };

static inline bool word_in(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word)) != NULL) {
		if ((at == list || at[-1] == ' ') && at[len] == ' ')
			return true;
		at += len;
	}
	return false;
}

static inline bool kernel_has(const struct facts *f, enum need need, const char *name)
{
	const struct kernel *k = f->priv;

	switch (need) {
	case NEED_FENTRY:
	case NEED_KPROBE:
	case NEED_MULTI:
		return word_in(k->functions, name);
	case NEED_TRACEPOINT:
		return k->tracepoints;
	case NEED_TP_BTF:
		return k->tp_btf;
	case NEED_ITER:
		return word_in(k->helpers, name);
	case NEED_COMPLETE:
		return k->uring_complete;
	default:
		fail_msg("need %d is asked for %s", need, name);
		return false;
	}
}

static inline struct facts facts_of(const struct kernel *k)
{
	struct facts f = { .fentry = true, .kprobe = true, .iter = true };

	f.has = kernel_has;
	f.priv = k;
	snprintf(f.fentry_why, sizeof(f.fentry_why), NO_FENTRY);
	snprintf(f.kprobe_why, sizeof(f.kprobe_why), NO_KPROBE);
	snprintf(f.tracepoint_why, sizeof(f.tracepoint_why), NO_TRACEFS);
	return f;
}

/* The development kernel: all functions listed, none of them can be attached to. */
static inline struct facts facts_without_probes(void)
{
	struct facts f = facts_of(&v7_2);

	f.fentry = false;
	f.kprobe = false;
	return f;
}

static inline void make(struct plan *plan, const struct facts *f, const struct wishes *w)
{
	static const struct wishes none;
	char err[256] = "";

	assert_int_equal(plan_make(plan, f, w ? w : &none, err, sizeof(err)), 0);
	assert_string_equal(err, "");
}

static inline void expect(const struct plan *plan, enum hook hook, enum tier tier,
			  const char *title)
{
	struct rec_plan row;

	plan_record(plan, hook, &row);
	assert_int_equal(row.hook, hook);
	assert_string_equal(row.mechanism, title);
	assert_int_equal(row.tier, tier);
	assert_string_equal(row.reason, plan->reason[hook]);
}

static inline void expect_reason(const struct plan *plan, enum hook hook, const char *part)
{
	if (!strstr(plan->reason[hook], part))
		fail_msg("%s: '%s' is not in '%s'", hook_name(hook), part, plan->reason[hook]);
}

#endif
