/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include "demand.h"

static const char *const progs[DEMAND_MAX] = {
	"wait_exit_tp", "pwait_exit_tp", "pwait2_exit_tp", "compat_enter", "compat_exit",
};

static bool extra_has(const struct session *s, const char *name, unsigned flags)
{
	const struct extra *e;
	size_t i, n;
	int k;

	e = extras(&n);
	for (i = 0; i < n; i++)
		for (k = 0; k < MECH_PROGS && e[i].progs[k]; k++)
			if (s->plan.extras & 1u << i && e[i].flags & flags &&
			    !strcmp(e[i].progs[k], name))
				return true;
	return false;
}

bool demand_prog(const struct session *s, const char *name)
{
	return extra_has(s, name, EXTRA_LATE | EXTRA_COMPAT);
}

/* Whether 32-bit code is watched for more than the returns of waits that began before. */
static bool compat_all(const struct session *s)
{
	const struct mechanism *wait = s->plan.mech[HOOK_WAIT];

	return extra_has(s, "compat_enter", EXTRA_COMPAT) || (wait && wait->flags & MECH_SYS_EXIT);
}

static bool needed(const struct session *s, const char *name)
{
	bool late = s->skel->bss->late_waits;

	if (!extra_has(s, name, EXTRA_COMPAT))
		return late || !s->demand_told;
	if (!s->demand_told || !session_walks(s))
		return compat_all(s);
	if (!s->skel->bss->compat_seen && !s->skel->bss->compat_calls)
		return false;
	return late || compat_all(s);
}

int demand_update(struct session *s)
{
	struct bpf_program *prog;
	size_t i;

	for (i = 0; i < DEMAND_MAX; i++) {
		prog = bpf_object__find_program_by_name(s->skel->obj, progs[i]);
		if (!demand_prog(s, progs[i]) || bpf_program__fd(prog) < 0)
			continue;
		if (!needed(s, progs[i])) {
			bpf_link__destroy(s->demand[i]);
			s->demand[i] = NULL;
		} else if (!s->demand[i]) {
			s->demand[i] = session_attach(s, prog);
			if (!s->demand[i])
				return session_refuse(s, progs[i], -errno);
		}
	}
	s->demand_told = true;
	return 0;
}

void demand_detach(struct session *s)
{
	size_t i;

	for (i = 0; i < DEMAND_MAX; i++) {
		bpf_link__destroy(s->demand[i]);
		s->demand[i] = NULL;
	}
	s->demand_told = false;
}
