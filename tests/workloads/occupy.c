/* SPDX-License-Identifier: GPL-2.0 */
/*
 * occupy fentry FUNCTION | tracepoint NAME: attaches empty programs there until the kernel takes no
 * more (BPF_MAX_TRAMP_LINKS of a trampoline, BPF_TRACE_MAX_PROGS of a tracepoint of perf), says how
 * many on stdout, and keeps them until it is killed. Whoever comes then is refused.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../user/tracefs.h"
#include "util.h"

#define MOST 200

static int prog_load(enum bpf_prog_type type, int btf_id)
{
	/* r0 = 0; exit */
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	int fd;

	if (btf_id) {
		opts.expected_attach_type = BPF_TRACE_FENTRY;
		opts.attach_btf_id = (__u32)btf_id;
	}
	fd = bpf_prog_load(type, "occupy", "GPL", insns, 2, &opts);
	if (fd < 0)
		die_errno("cannot load a program");
	return fd;
}

/* 0, or a negative errno: full. */
static int fentry_attach(int btf_id)
{
	int link = bpf_raw_tracepoint_open(NULL, prog_load(BPF_PROG_TYPE_TRACING, btf_id));

	return link < 0 ? link : 0;
}

static int tracepoint_attach(int id)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = (__u64)id,
	};
	int event = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (event < 0)
		die_errno("cannot open the tracepoint");
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, prog_load(BPF_PROG_TYPE_TRACEPOINT, 0)))
		return -errno;
	return 0;
}

static int tracepoint_id(const char *name)
{
	char why[128] = "";
	int id = 0;

	if (tracefs_ids(&name, &id, 1, why, sizeof(why)) || !id)
		die("no tracepoint %s: %s", name, why);
	return id;
}

int main(int argc, char **argv)
{
	bool fentry = argc == 3 && !strcmp(argv[1], "fentry");
	int id, n, err = 0;

	if (argc != 3 || (!fentry && strcmp(argv[1], "tracepoint") != 0))
		die("usage: occupy fentry FUNCTION | tracepoint NAME");
	id = fentry ? libbpf_find_vmlinux_btf_id(argv[2], BPF_TRACE_FENTRY)
		    : tracepoint_id(argv[2]);
	if (id <= 0)
		die("no function %s", argv[2]);
	for (n = 0; n < MOST && !err; n++)
		err = fentry ? fentry_attach(id) : tracepoint_attach(id);
	if (!err)
		die("%d programs, and there is still room", n);
	printf("%d: %s\n", n - 1, strerror(-err));
	fflush(stdout);
	pause();
	return 0;
}
