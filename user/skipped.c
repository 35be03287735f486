/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "skipped.h"

/* struct bpf_link_info up to what 6.7 added; the headers to build with may be older. */
struct link_info {
	u32 type, id, prog_id, pad;
	u32 event_type; /* enum bpf_perf_event_type */
	u32 pad2;
	u64 func_name; /* of kprobes */
	u32 name_len, offset;
	u64 addr;
	u64 missed;
};
_Static_assert(offsetof(struct link_info, missed) == 48, "bpf_link_info.perf_event.kprobe.missed");
/* Values that the same headers may lack. */
#define LINK_TYPE_PERF_EVENT 7 /* BPF_LINK_TYPE_PERF_EVENT */
#define EVENT_KPROBE         3 /* BPF_PERF_EVENT_KPROBE */
#define EVENT_KRETPROBE      4 /* BPF_PERF_EVENT_KRETPROBE */

static u64 kprobe_missed(int link_fd)
{
	struct link_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (u32)link_fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (u64)(uintptr_t)&info;
	/* The kernel answers how much of it is known. */
	if (syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) ||
	    attr.info.info_len < sizeof(info) || info.type != LINK_TYPE_PERF_EVENT)
		return 0;
	return info.event_type == EVENT_KPROBE || info.event_type == EVENT_KRETPROBE ? info.missed
										     : 0;
}

static u64 recursion_misses(int prog_fd)
{
	struct bpf_prog_info info = { 0 };
	u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(prog_fd, &info, &len) ? 0 : info.recursion_misses;
}

/* A program of the wait hook's mechanism that sees nothing but returns. */
static bool sees_returns(const struct session *s, const struct bpf_program *prog)
{
	const struct mechanism *wait = s->plan.mech[HOOK_WAIT];
	const char *name = bpf_program__name(prog);

	for (size_t i = 0; wait && i < MECH_PROGS && wait->progs[i]; i++)
		if (!strcmp(wait->progs[i], name))
			return strstr(name, "exit") || strstr(name, "multi");
	return false;
}

void skipped_read(const struct session *s, u64 loss[LOSS_COUNT])
{
	u64 missed = s->skel->bss->returns_missed, skipped = 0, misses;
	struct bpf_program *prog;
	size_t i;

	memset(loss + LOSS_SKIPPED, 0, (LOSS_COUNT - LOSS_SKIPPED) * sizeof(*loss));
	bpf_object__for_each_program(prog, s->skel->obj)
	{
		if (bpf_program__fd(prog) < 0 || session_is_ask(prog))
			continue;
		misses = recursion_misses(bpf_program__fd(prog));
		loss[session_loss_of(s, prog)] += misses;
		if (sees_returns(s, prog))
			skipped += misses;
	}
	/* Those that the kernel skipped are counted there, and sooner or later are found missing too. */
	loss[LOSS_RETURN] += missed > skipped ? missed - skipped : 0;
	for (i = 0; i < s->nlinks; i++)
		loss[session_loss_of(s, s->attached[i])] +=
			kprobe_missed(bpf_link__fd(s->links[i]));
}
