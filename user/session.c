/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "demand.h"
#include "log.h"
#include "session.h"

/* The snapshot buffer: a tree of more items is read in several steps. */
#define SLOTS_MAX   32768u
#define DESCRIPTORS 128

static char failed_prog[64]; /* the program that libbpf complained about last */

/* libbpf's messages: for -v; people get our own line instead. */
static int libbpf_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[1024];

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = 0;
	if (level == LIBBPF_WARN && strstr(line, "fail"))
		sscanf(line, "libbpf: prog '%63[^']'", failed_prog);
	log_debug("%s", line);
	return 0;
}

void session_wishes(struct wishes *w, const struct options *o)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->force, o->force, sizeof(w->force));
	w->force_all = o->force_all;
	w->basic = o->basic;
	w->follow = o->follow;
	w->name = o->name != NULL;
}

static void configure_maps(struct epscope_bpf *skel, const struct options *o, u32 stream_mask)
{
	u32 ring = stream_mask ? o->ring_kb * 1024 : (u32)getpagesize();

	bpf_map__set_max_entries(skel->maps.ring, ring);
	bpf_map__set_max_entries(skel->maps.instances, o->max_instances);
	bpf_map__set_max_entries(skel->maps.dead, o->max_instances);
	bpf_map__set_max_entries(skel->maps.items, o->max_items);
	bpf_map__set_max_entries(skel->maps.by_data, o->max_items);
	bpf_map__set_max_entries(skel->maps.threads, o->max_threads);
	bpf_map__set_max_entries(skel->maps.wakers, o->max_wakers);
	bpf_map__set_max_entries(skel->maps.targets, o->max_targets);
	bpf_map__set_max_entries(skel->maps.snap_slots, SLOTS_MAX);
}

/* Which hooks are those of single system calls, and miss what comes another way. */
static void configure_calls(struct session *s)
{
	u32 hooks = 0, h;

	for (h = 0; h < HOOK_COUNT; h++)
		if (s->plan.mech[h] && s->plan.mech[h]->need == NEED_TRACEPOINT)
			hooks |= 1u << h;
	s->skel->rodata->call_hooks = hooks;
	s->skel->rodata->uring_cqe = s->k.uring_complete == URING_COMPLETE_CQE;
}

static void configure_knobs(struct session *s, const struct options *o)
{
	const struct mechanism *send = s->plan.mech[HOOK_SEND];
	const struct mechanism *destroy = s->plan.mech[HOOK_DESTROY];

	s->skel->rodata->self_tgid = s->k.self_tgid;
	s->skel->rodata->self_seen = (u32)getpid();
	s->skel->rodata->pid_level = s->k.pid_level;
	s->skel->rodata->pid_ns = s->k.pid_ns;
	s->skel->rodata->ep_fops = s->k.ep_fops;
	s->skel->rodata->user_regs_offset = s->k.user_regs_offset;
	s->skel->rodata->hardirq_mask = s->k.hardirq_mask;
	s->skel->rodata->ovflink_offset = s->k.ovflink_offset;
	s->skel->rodata->all_targets = o->all;
	s->skel->rodata->follow = o->follow;
	if (o->name) /* a longer one is nobody's, and cut it might be somebody's */
		strncpy((char *)s->skel->rodata->target_name, o->name,
			strlen(o->name) < COMM_LEN ? COMM_LEN - 1 : 0);
	s->skel->rodata->seeds = session_walks(s);
	s->skel->rodata->derive_put_back = send && send->tier == TIER_BASIC;
	s->skel->rodata->add_resets_item = !s->plan.mech[HOOK_RELEASE];
	s->skel->rodata->sees_destroy = destroy && destroy->need != NEED_NOTHING;
	s->skel->rodata->ctl_by_file =
		s->k.facts.has(&s->k.facts, NEED_FENTRY, "do_epoll_ctl_file");
	s->skel->rodata->counts_adds = s->plan.mech[HOOK_CTL] != NULL;
	s->skel->rodata->wait_timeout_is_ms = s->k.wait_timeout_is_ms;
	configure_calls(s);
}

bool session_walks(const struct session *s)
{
	return s->plan.mech[HOOK_SNAPSHOT] && s->plan.mech[HOOK_SNAPSHOT]->need == NEED_ITER;
}

bool session_is_ask(const struct bpf_program *prog)
{
	return bpf_program__type(prog) == BPF_PROG_TYPE_RAW_TRACEPOINT;
}

static void choose_programs(struct session *s)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, s->skel->obj)
	{
		const char *name = bpf_program__name(prog);

		if (!strncmp(name, "ask_", 4) || plan_uses(&s->plan, name))
			bpf_program__set_autoload(prog, true);
	}
}

enum loss session_loss_of(const struct session *s, const struct bpf_program *prog)
{
	if (prog == s->skel->progs.fork_tp || prog == s->skel->progs.rename_tp)
		return LOSS_SKIPPED_FORK;
	return (enum loss)(LOSS_SKIPPED + plan_hook_of(&s->plan, bpf_program__name(prog)));
}

/* What the process lacks is no property of the kernel: another mechanism would not help. */
static bool short_of_something(int err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE;
}

int session_refuse(struct session *s, const char *prog, int err)
{
	if (short_of_something(err) || !plan_refuse(&s->plan, &s->k.facts, prog, strerror(-err)))
		return err;
	log_debug("%s refused: %s", prog, strerror(-err));
	return 1;
}

/* A syscall tracepoint by its perf id: needs no tracefs that is mounted, unlike libbpf's own way. */
static struct bpf_link *attach_tracepoint(struct session *s, struct bpf_program *prog)
{
	const char *name = strrchr(bpf_program__section_name(prog), '/') + 1;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = (u64)kernel_facts_tp_id(&s->k, name),
	};
	struct bpf_link *link;
	int fd;

	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(prog, fd);
	if (!link)
		close(fd);
	return link;
}

/*
 * By name alone: libbpf's own way takes a pattern, and reads all of /proc/kallsyms for it. With a cookie
 * that nobody asks for: without, whoever reads /proc/PID/fdinfo of the link crashes some kernels
 * (Debian's 6.18.15: bpf_kprobe_multi_show_fdinfo() reads cookies that are not there).
 */
static struct bpf_link *attach_multi(struct bpf_program *prog)
{
	static const __u64 cookie;
	const char *section = bpf_program__section_name(prog);
	const char *name = strchr(section, '/') + 1;
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = &name, .cookies = &cookie, .cnt = 1,
		    .retprobe = !strncmp(section, "kretprobe", strlen("kretprobe")));

	return bpf_program__attach_kprobe_multi_opts(prog, NULL, &opts);
}

struct bpf_link *session_attach(struct session *s, struct bpf_program *prog)
{
	if (bpf_program__type(prog) == BPF_PROG_TYPE_TRACEPOINT)
		return attach_tracepoint(s, prog);
	if (bpf_program__expected_attach_type(prog) == BPF_TRACE_KPROBE_MULTI)
		return attach_multi(prog);
	return bpf_program__attach(prog);
}

static bool tracepoint_missing(struct session *s, struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	return strstr(section, "tracepoint/") &&
	       !kernel_facts_tp_id(&s->k, strrchr(section, '/') + 1);
}

/* Returns 0, 1 when a refused mechanism asks for a new plan, or a negative errno. */
static int attach_all(struct session *s)
{
	struct bpf_program *prog;
	struct bpf_link *link;

	bpf_object__for_each_program(prog, s->skel->obj)
	{
		if (!bpf_program__autoload(prog) || bpf_program__type(prog) == BPF_PROG_TYPE_UNSPEC)
			continue;
		if (bpf_program__expected_attach_type(prog) == BPF_TRACE_ITER ||
		    session_is_ask(prog) || demand_prog(s, bpf_program__name(prog)))
			continue; /* run by user/snapshot.c; attached by demand_update() */
		link = session_attach(s, prog);
		if (!link)
			return session_refuse(s, bpf_program__name(prog), -errno);
		s->attached[s->nlinks] = prog;
		s->links[s->nlinks++] = link;
	}
	return 0;
}

static void skip_missing_tracepoints(struct session *s)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, s->skel->obj) if (bpf_program__autoload(prog) &&
							     tracepoint_missing(s, prog))
		bpf_program__set_autoload(prog, false);
}

/* libbpf unloads everything when one program fails, and names it in its log alone. */
static int load_refused(struct session *s, int err)
{
	return failed_prog[0] ? session_refuse(s, failed_prog, err) : err;
}

static void detach(struct session *s)
{
	demand_detach(s);
	while (s->nlinks)
		bpf_link__destroy(s->links[--s->nlinks]);
	epscope_bpf__destroy(s->skel);
	s->skel = NULL;
}

static int try_plan(struct session *s, const struct options *o, u32 stream_mask)
{
	int ret;

	s->skel = epscope_bpf__open();
	if (!s->skel)
		return -errno;
	configure_maps(s->skel, o, stream_mask);
	configure_knobs(s, o);
	choose_programs(s);
	skip_missing_tracepoints(s);
	s->skel->bss->stream_mask = stream_mask;
	failed_prog[0] = 0;
	ret = epscope_bpf__load(s->skel);
	if (ret)
		return load_refused(s, ret);
	ret = attach_all(s);
	return ret ? ret : demand_update(s); /* before the first snapshot finds such waits */
}

static enum exit_code say_load_error(int err)
{
	if (err == -ENOMEM || err == -E2BIG) {
		log_error("cannot load the BPF programs: %s; their maps are too large for this "
			  "machine: choose smaller --max-items, --max-instances or --ring-size",
			  strerror(-err));
		return EXIT_FAILED;
	}
	log_error("cannot load the BPF programs: %s; %s", strerror(-err),
		  err == -EPERM || err == -EACCES
			  ? "run as root"
			  : "epscope -v check says what the kernel answered");
	return err == -EPERM ? EXIT_PRIVILEGE : EXIT_KERNEL;
}

/* Programs, links and maps are a descriptor each; without this check some would look unsupported. */
static bool descriptors_suffice(void)
{
	long n = sysconf(_SC_OPEN_MAX);

	if (n < 0 || n >= DESCRIPTORS)
		return true;
	log_error("%ld open files are too few: epscope takes up to %d; raise the limit (ulimit -n)",
		  n, DESCRIPTORS);
	return false;
}

enum exit_code session_open(struct session *s, const struct options *o, u32 stream_mask)
{
	struct wishes wishes;
	enum exit_code code;
	char err[256];
	int ret;

	memset(s, 0, sizeof(*s));
	libbpf_set_print(libbpf_print);
	session_wishes(&wishes, o);
	if (!descriptors_suffice())
		return EXIT_FAILED;
	code = kernel_facts_get(&s->k);
	if (code)
		return code;
	do {
		detach(s);
		if (plan_make(&s->plan, &s->k.facts, &wishes, err, sizeof(err))) {
			log_error("%s; 'epscope check' lists what this kernel offers", err);
			return EXIT_KERNEL;
		}
		ret = try_plan(s, o, stream_mask);
	} while (ret > 0);
	if (!ret) {
		if (o->follow && !plan_extra(&s->plan, EXTRA_FOLLOW))
			log_warn("-f: %s", s->plan.reason[HOOK_EXIT]);
		if (o->name && !plan_extra(&s->plan, EXTRA_NAME))
			log_warn("-n: %s", s->plan.reason[HOOK_EXIT]);
		return EXIT_OK;
	}
	return say_load_error(ret);
}

void session_settle(struct session *s)
{
	kernel_facts_close(&s->k);
	malloc_trim(0); /* libbpf used as much again while it loaded */
}

void session_close(struct session *s)
{
	detach(s);
	kernel_facts_close(&s->k);
}
