/* SPDX-License-Identifier: GPL-2.0 */
/* Questions to the BPF side, answered at once: bpf/asks.bpf.h. */
#ifndef EPSCOPE_ASKS_H
#define EPSCOPE_ASKS_H

#include <stdbool.h>
#include "contract.h"

struct asks {
	struct ask *ask;                                     /* in the BPF side's memory */
	int instance_bury, item_forget, thread_forget, file; /* programs */
};

/* Runs a program once. Returns 0, or a negative errno if the kernel did not. */
int asks_run(int prog);
/* The instance goes to those that have ended, unless its file is still there. */
void asks_instance_bury(struct asks *a, const struct ep_instance *inst);
/* The item goes, with its share of its user data, unless it was added again since st was read. */
void asks_item_forget(struct asks *a, const struct item_key *key, const struct item_stats *st);
/* The state of a thread that has ended goes. tid: the kernel's own number. */
void asks_thread_forget(struct asks *a, u32 tid);
/*
 * What the file of an item of instance ep is, and whether it is still descriptor key->fd of process
 * tgid, all by memory. Returns an enum file_answer, with *out filled in unless it is FILE_UNKNOWN, or a
 * negative errno if the kernel did not answer.
 */
int asks_file(struct asks *a, u32 tgid, u64 ep, const struct item_key *key, struct file_facts *out);

#endif
