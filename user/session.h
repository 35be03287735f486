/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF side of one run: carries out the plan, and takes everything back at the end. */
#ifndef EPSCOPE_SESSION_H
#define EPSCOPE_SESSION_H

#include "kernel_facts.h"
#include "options.h"
#include "epscope.skel.h" /* needs the contract's types */

#define DEMAND_MAX 5 /* programs attached on demand */

struct session {
	struct kernel_facts k;
	struct plan plan;
	struct epscope_bpf *skel;
	struct bpf_link *links[(HOOK_COUNT + EXTRAS_MAX) * MECH_PROGS];
	/* by that link */
	struct bpf_program *attached[(HOOK_COUNT + EXTRAS_MAX) * MECH_PROGS];
	size_t nlinks;
	struct bpf_link *demand[DEMAND_MAX]; /* user/demand.c ... */
	bool demand_told;                    /* ... a snapshot has told what is needed */
};

/* The wishes that the command line states. */
void session_wishes(struct wishes *w, const struct options *o);
/*
 * Asks the kernel, plans, loads and attaches. A mechanism that the kernel refuses after all is
 * replaced by the next, an extra is left out. stream_mask: bit per enum ev_type. Returns EXIT_OK or a status after one
 * line of error; in both cases session_close() frees what there is.
 */
enum exit_code session_open(struct session *s, const struct options *o, u32 stream_mask);
/* Attaches a program that is loaded; NULL with errno. */
struct bpf_link *session_attach(struct session *s, struct bpf_program *prog);
/* Books what wants this program as refused: 1 asks for a new plan, else err itself. */
int session_refuse(struct session *s, const char *prog, int err);
/* Run when user space asks something (user/asks.h), and attached to nothing. */
bool session_is_ask(const struct bpf_program *prog);
/* The place where what a program did not see is lost, for those that are attached: see LOSS_SKIPPED. */
enum loss session_loss_of(const struct session *s, const struct bpf_program *prog);
/* Snapshots come from the iterator, which knows the real trees. */
bool session_walks(const struct session *s);
/* The plan stands: frees the kernel's types, some 6 MB, that only a new one would be made of. */
void session_settle(struct session *s);
void session_close(struct session *s);

#endif
