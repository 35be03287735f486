/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include "asks.h"

int asks_run(int prog)
{
	u64 args[2] = { 0 }; /* of sys_enter, which it is written for */
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	return bpf_prog_test_run_opts(prog, &opts);
}

void asks_instance_bury(struct asks *a, const struct ep_instance *inst)
{
	a->ask->ep = inst->ep;
	a->ask->key.id = inst->id;
	asks_run(a->instance_bury);
}

void asks_item_forget(struct asks *a, const struct item_key *key, const struct item_stats *st)
{
	a->ask->key = *key;
	a->ask->added_ns = st->added_ns;
	asks_run(a->item_forget);
}

void asks_thread_forget(struct asks *a, u32 tid)
{
	a->ask->tid = tid;
	asks_run(a->thread_forget);
}

int asks_file(struct asks *a, u32 tgid, u64 ep, const struct item_key *key, struct file_facts *out)
{
	int ret;

	a->ask->tgid = tgid;
	a->ask->ep = ep;
	a->ask->key = *key;
	ret = asks_run(a->file);
	if (ret)
		return ret;
	*out = a->ask->facts;
	return (int)a->ask->answer;
}
