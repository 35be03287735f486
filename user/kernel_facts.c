/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "kernel_facts.h"
#include "log.h"
#include "preempt.h"
#include "probe.skel.h"
#include "tracefs.h"

static const char *const tp_names[] = {
	"sys_exit_epoll_create", "sys_exit_epoll_create1", "sys_enter_epoll_ctl",
	"sys_exit_epoll_ctl",    "sys_enter_epoll_wait",   "sys_exit_epoll_wait",
	"sys_enter_epoll_pwait", "sys_exit_epoll_pwait",   "sys_enter_epoll_pwait2",
	"sys_exit_epoll_pwait2", "sched_process_exit",     "sched_process_exec",
};
#define TP_COUNT (sizeof(tp_names) / sizeof(tp_names[0]))

int kernel_facts_tp_id(const struct kernel_facts *k, const char *name)
{
	size_t i;

	for (i = 0; i < TP_COUNT; i++)
		if (!strcmp(tp_names[i], name))
			return k->tp_ids[i];
	return 0;
}

static bool facts_has(const struct facts *f, enum need need, const char *name)
{
	const struct kernel_facts *k = f->priv;
	char typedef_name[64];

	switch (need) {
	case NEED_FENTRY:
	case NEED_KPROBE:
	case NEED_MULTI:
	case NEED_ITER:
		return btf__find_by_name_kind(k->btf, name, BTF_KIND_FUNC) > 0;
	case NEED_TP_BTF:
		snprintf(typedef_name, sizeof(typedef_name), "btf_trace_%s", name);
		return btf__find_by_name_kind(k->btf, typedef_name, BTF_KIND_TYPEDEF) > 0;
	case NEED_COMPLETE:
		return k->uring_complete != URING_COMPLETE_NONE;
	case NEED_TRACEPOINT:
		return kernel_facts_tp_id(k, name) > 0;
	default:
		return true;
	}
}

/*
 * Trampolines need ftrace with direct calls; without, the load or the attach fails. The smallest
 * program on a function of ours that is seldom called tells.
 */
static void fentry_probe(struct kernel_facts *k)
{
	/* r0 = 0; exit */
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	int id = btf__find_by_name_kind(k->btf, "ep_eventpoll_release", BTF_KIND_FUNC);
	int prog, link;

	if (id <= 0) {
		snprintf(k->facts.fentry_why, sizeof(k->facts.fentry_why),
			 "BTF has no functions of epoll");
		return;
	}
	opts.attach_btf_id = (u32)id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "fentry_probe", "GPL", insns, 2, &opts);
	link = prog < 0 ? prog : bpf_raw_tracepoint_open(NULL, prog);
	k->facts.fentry = link >= 0;
	if (link < 0) {
		snprintf(k->facts.fentry_why, sizeof(k->facts.fentry_why),
			 "no function probes (kernel without CONFIG_FUNCTION_TRACER)");
		log_debug("fentry ep_eventpoll_release: %s", strerror(-link));
	} else {
		close(link);
	}
	if (prog >= 0)
		close(prog);
}

static void kprobe_probe(struct kernel_facts *k)
{
	k->facts.kprobe = !access("/sys/bus/event_source/devices/kprobe/type", R_OK);
	if (!k->facts.kprobe)
		snprintf(k->facts.kprobe_why, sizeof(k->facts.kprobe_why),
			 "no kprobes: kernel built without CONFIG_KPROBE_EVENTS");
}

static void wait_timeout_probe(struct kernel_facts *k)
{
	int id = btf__find_by_name_kind(k->btf, "do_epoll_wait", BTF_KIND_FUNC);
	const struct btf_type *t = id > 0 ? btf__type_by_id(k->btf, (u32)id) : NULL;
	const struct btf_type *proto = t ? btf__type_by_id(k->btf, t->type) : NULL;

	if (proto && btf_vlen(proto) >= 4)
		k->wait_timeout_is_ms =
			btf_is_int(btf__type_by_id(k->btf, btf_params(proto)[3].type));
}

/*
 * HARDIRQ_MASK of the preempt count. The four bits moved up by eight in 7.3, which counts there how often
 * interrupts are disabled, and whose own variable tells.
 */
static void hardirq_mask_probe(struct kernel_facts *k)
{
	bool moved =
		btf__find_by_name_kind(k->btf, "local_interrupt_disable_state", BTF_KIND_VAR) > 0;

	k->hardirq_mask = moved ? 0xf000000 : 0xf0000;
}

/* 5.10: (ring, user_data, result); then (ring, request, user_data, result, ...); since 6.15
 * (072d37b5c1ab) (ring, request, cqe). */
static void uring_complete_probe(struct kernel_facts *k)
{
	int id = btf__find_by_name_kind(k->btf, "btf_trace_io_uring_complete", BTF_KIND_TYPEDEF);
	const struct btf_type *t = id > 0 ? btf__type_by_id(k->btf, (u32)id) : NULL;
	const struct btf_param *p;

	t = t ? btf__type_by_id(k->btf, t->type) : NULL; /* a pointer ... */
	t = t ? btf__type_by_id(k->btf, t->type) : NULL; /* ... to void (void *data, ...) */
	if (!t || !btf_is_func_proto(t) || btf_vlen(t) < 4)
		return;
	p = btf_params(t);
	if (!btf_is_ptr(btf__type_by_id(k->btf, p[2].type)))
		return;
	if (btf_is_ptr(btf__type_by_id(k->btf, p[3].type)))
		k->uring_complete = URING_COMPLETE_CQE;
	else if (btf_vlen(t) >= 5)
		k->uring_complete = URING_COMPLETE_RESULT;
}

/* Runs bpf/probe.bpf.c once in our context. */
static int self_probe(struct kernel_facts *k)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	u64 ctx[2] = { 0, 0 };
	struct probe_bpf *skel;
	int ret, epfd;

	epfd = epoll_create1(EPOLL_CLOEXEC);
	if (epfd < 0)
		return -errno;
	skel = probe_bpf__open_and_load();
	if (!skel) {
		ret = -errno;
		close(epfd);
		return ret;
	}
	skel->data->epfd = epfd;
	run.ctx_in = ctx;
	run.ctx_size_in = sizeof(ctx);
	ret = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.probe_kernel), &run);
	if (!ret && (!skel->bss->has_eventpoll || !skel->bss->ep_fops))
		ret = -ENOTSUP;
	k->self_tgid = skel->bss->tgid;
	k->pid_level = skel->bss->pid_level;
	k->pid_ns = skel->bss->pid_ns;
	k->ep_fops = skel->bss->ep_fops;
	k->ovflink_offset = skel->bss->ovflink_offset;
	k->user_regs_offset = skel->bss->user_regs_offset;
	k->facts.counts_missed = skel->bss->counts_missed;
	probe_bpf__destroy(skel);
	close(epfd);
	return ret;
}

static enum exit_code say_probe_error(int err)
{
	if (err == -EPERM || err == -EACCES) {
		log_error("cannot load BPF programs: %s; run as root (sudo epscope ...) or with "
			  "CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE",
			  strerror(-err));
		return EXIT_PRIVILEGE;
	}
	if (err == -ENOTSUP)
		log_error(
			"this kernel's struct eventpoll is not as known: epscope needs rbr, rdllist, "
			"ovflist and wq in it; use Linux 5.10 or later with CONFIG_EPOLL");
	else
		log_error("cannot run a BPF program: %s; epscope needs Linux 5.10 or later with "
			  "CONFIG_BPF_SYSCALL and CONFIG_DEBUG_INFO_BTF",
			  strerror(-err));
	return EXIT_KERNEL;
}

enum exit_code kernel_facts_get(struct kernel_facts *k)
{
	int ret;

	memset(k, 0, sizeof(*k));
	k->facts.has = facts_has;
	k->facts.priv = k;
	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		log_error("no BTF: /sys/kernel/btf/vmlinux: %s; use a kernel built with "
			  "CONFIG_DEBUG_INFO_BTF (every Debian kernel since 5.10 is)",
			  strerror(errno));
		return EXIT_KERNEL;
	}
	ret = self_probe(k);
	if (ret)
		return say_probe_error(ret);
	k->btf = btf__load_vmlinux_btf();
	if (!k->btf) {
		log_error("cannot read the kernel's BTF: %s; is /sys/kernel/btf/vmlinux whole?",
			  strerror(errno));
		return EXIT_KERNEL;
	}
	tracefs_ids(tp_names, k->tp_ids, TP_COUNT, k->facts.tracepoint_why,
		    sizeof(k->facts.tracepoint_why));
	if (!k->facts.tracepoint_why[0])
		snprintf(k->facts.tracepoint_why, sizeof(k->facts.tracepoint_why),
			 "no syscall tracepoints: kernel built without CONFIG_FTRACE_SYSCALLS");
	fentry_probe(k);
	kprobe_probe(k);
	wait_timeout_probe(k);
	hardirq_mask_probe(k);
	k->facts.multi = btf__find_by_name_kind(k->btf, "fprobe_hlist", BTF_KIND_STRUCT) > 0;
	k->facts.preempts = kernel_preempts();
	uring_complete_probe(k);
	k->facts.iter = btf__find_by_name_kind(k->btf, "bpf_iter_task", BTF_KIND_FUNC) > 0;
	return EXIT_OK;
}

void kernel_facts_close(struct kernel_facts *k)
{
	btf__free(k->btf);
	k->btf = NULL;
}
