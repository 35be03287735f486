/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attaches empty programs: empty FILE NAME... Those of epscope's names that empty.bpf.c has a
 * counterpart for, until SIGTERM or for two minutes; FILE is made once all are attached.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util.h"
#include "empty.skel.h"

#define PREFIX  "empty_"
#define LIMIT_S 120

static struct bpf_program *counterpart(struct bpf_object *obj, const char *name)
{
	char full[64];

	snprintf(full, sizeof(full), PREFIX "%s", name);
	return bpf_object__find_program_by_name(obj, full);
}

static void until_ended(void)
{
	const struct timespec limit = { .tv_sec = LIMIT_S };
	sigset_t end;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigprocmask(SIG_BLOCK, &end, NULL);
	sigtimedwait(&end, NULL, &limit);
}

int main(int argc, char **argv)
{
	struct empty_bpf *skel = empty_bpf__open();
	struct bpf_program *prog;

	if (argc < 3)
		die_usage("give a file to make and names of programs");
	if (!skel)
		die_errno("cannot open the programs");
	for (int i = 2; i < argc; i++) {
		prog = counterpart(skel->obj, argv[i]);
		if (prog)
			bpf_program__set_autoload(prog, true);
	}
	if (empty_bpf__load(skel))
		die_errno("cannot load the programs");
	if (empty_bpf__attach(skel))
		die_errno("cannot attach the programs");
	file_write_atomic(argv[1], "attached\n");
	until_ended();
	empty_bpf__destroy(skel);
	return 0;
}
