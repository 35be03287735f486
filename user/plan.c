/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "plan.h"

static const char *const names[HOOK_COUNT] = {
	[HOOK_CREATE] = "create",     [HOOK_CTL] = "ctl",         [HOOK_ITEM] = "item",
	[HOOK_CALLBACK] = "callback", [HOOK_WAKE] = "wake",       [HOOK_SEND] = "send",
	[HOOK_WAIT] = "wait",         [HOOK_DELIVER] = "deliver", [HOOK_RELEASE] = "release",
	[HOOK_DESTROY] = "destroy",   [HOOK_EXIT] = "exit",       [HOOK_SNAPSHOT] = "snapshot",
};

const char *hook_name(enum hook hook)
{
	return names[hook];
}

enum hook hook_by_name(const char *name)
{
	int h;

	for (h = 0; h < HOOK_COUNT; h++)
		if (!strcmp(names[h], name))
			break;
	return (enum hook)h;
}

static bool has_all(const struct facts *f, const struct mechanism *m, char *why, size_t size)
{
	int i, found = 0;

	for (i = 0; i < MECH_NEEDS && m->names[i]; i++) {
		if (f->has(f, m->need, m->names[i])) {
			found++;
		} else if (m->need != NEED_TRACEPOINT) {
			snprintf(why, size, "%s is not a %s in this kernel", m->names[i],
				 m->need == NEED_TP_BTF ? "tracepoint" : "function");
			return false;
		}
	}
	if (!found && i)
		snprintf(why, size, "%s", f->tracepoint_why);
	return found || !i;
}

static bool was_refused(const struct facts *f, const struct mechanism *m)
{
	return f->refused & 1ULL << mechanism_index(m);
}

bool mechanism_usable(const struct facts *f, const struct mechanism *m, char *why, size_t size)
{
	if (was_refused(f, m)) {
		snprintf(why, size, "the kernel refused it: %s",
			 f->refused_why[mechanism_index(m)]);
		return false;
	}
	if (m->need == NEED_FENTRY && !f->fentry) {
		snprintf(why, size, "%s", f->fentry_why);
		return false;
	}
	if (m->need == NEED_KPROBE && !f->kprobe) {
		snprintf(why, size, "%s", f->kprobe_why);
		return false;
	}
	if (m->need == NEED_MULTI && !f->multi) {
		snprintf(why, size, "kprobe.multi could miss returns, or is not in this kernel");
		return false;
	}
	if (m->flags & MECH_SYS_EXIT && !f->has(f, NEED_TRACEPOINT, "sys_exit_epoll_wait")) {
		snprintf(why, size, "%s", f->tracepoint_why);
		return false;
	}
	if (m->need == NEED_ITER && !f->iter) {
		snprintf(why, size, "this kernel has no iter/task");
		return false;
	}
	return has_all(f, m, why, size);
}

static bool hook_has_kind(enum hook hook, const char *kind)
{
	const struct mechanism *m;
	size_t i, n;

	m = mechanisms(&n);
	for (i = 0; i < n; i++)
		if (m[i].hook == hook && !strcmp(m[i].kind, kind))
			return true;
	return false;
}

static const char *forced_kind(const struct wishes *w, enum hook hook)
{
	if (w->force[hook])
		return w->force[hook];
	if (w->force_all && hook_has_kind(hook, w->force_all))
		return w->force_all;
	return NULL;
}

static bool wanted(const struct wishes *w, const struct mechanism *m, const char *kind)
{
	if (kind)
		return !strcmp(m->kind, kind);
	/* The iterator and what a return delivers need no function probe */
	return !w->basic || m->tier == TIER_BASIC || m->need == NEED_ITER ||
	       m->hook == HOOK_DELIVER;
}

static void say_reason(char *out, size_t size, const struct mechanism *m, const char *kind,
		       const struct wishes *w, const char *missed)
{
	if (kind)
		snprintf(out, size, "asked for%s%s", m->note ? "; " : "", m->note ? m->note : "");
	else if (m->note)
		snprintf(out, size, "%s%s%s", m->note, missed[0] ? "; " : "", missed);
	else if (missed[0])
		snprintf(out, size, "%s", missed);
	else
		snprintf(out, size, w->basic ? "basic tier asked for" : "first choice");
}

/* See MECH_PREEMPTED. */
static bool passed_over(const struct facts *f, const struct mechanism *m)
{
	const struct mechanism *other;
	char why[128];
	size_t i, n;

	if (!f->preempts || !f->counts_missed || !(m->flags & MECH_PREEMPTED))
		return false;
	other = mechanisms(&n);
	for (i = 0; i < n; i++)
		if (other[i].hook == m->hook && other[i].tier >= m->tier &&
		    (other[i].need == NEED_KPROBE || other[i].need == NEED_MULTI ||
		     other[i].need == NEED_TRACEPOINT) &&
		    mechanism_usable(f, &other[i], why, sizeof(why)))
			return true;
	return false;
}

static int plan_hook(struct plan *plan, enum hook hook, const struct facts *f,
		     const struct wishes *w, char *err, size_t size)
{
	const char *kind = forced_kind(w, hook);
	char missed[128] = "", why[128];
	const struct mechanism *m;
	bool refused = false;
	size_t i, n;

	m = mechanisms(&n);
	if (kind && !strcmp(kind, "none")) {
		snprintf(plan->reason[hook], sizeof(plan->reason[hook]),
			 "switched off as asked for");
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (m[i].hook != hook || !wanted(w, &m[i], kind))
			continue;
		if (!kind && passed_over(f, &m[i])) {
			snprintf(missed, sizeof(missed),
				 "%s would miss calls: this kernel preempts",
				 m[i].need == NEED_FENTRY ? "fentry" : "tp_btf");
			continue;
		}
		if (mechanism_usable(f, &m[i], why, sizeof(why))) {
			plan->mech[hook] = &m[i];
			say_reason(plan->reason[hook], sizeof(plan->reason[hook]), &m[i], kind, w,
				   missed);
			return 0;
		}
		/* A refusal tells more than what the kernel was built without */
		if (!missed[0] || (!refused && was_refused(f, &m[i])))
			snprintf(missed, sizeof(missed), "%s", why);
		refused = refused || was_refused(f, &m[i]);
	}
	if (w->force[hook]) {
		snprintf(err, size, "--mech %s=%s: %s", names[hook], kind,
			 missed[0] ? missed : "this hook has no such mechanism");
		return -ENOENT;
	}
	snprintf(plan->reason[hook], sizeof(plan->reason[hook]), "%s",
		 missed[0] ? missed : "the basic tier has no way to see it");
	return 0;
}

static void plan_drop(struct plan *plan, enum hook hook, const char *why)
{
	plan->mech[hook] = NULL;
	snprintf(plan->reason[hook], sizeof(plan->reason[hook]), "%s", why);
}

/* Who is woken, which scan is a wait's, and what it delivers is told by the wait that runs. */
static void plan_depend(struct plan *plan)
{
	static const enum hook of_wait[] = { HOOK_WAKE, HOOK_SEND, HOOK_DELIVER };
	const struct mechanism *destroy = plan->mech[HOOK_DESTROY];
	const struct mechanism *snapshot = plan->mech[HOOK_SNAPSHOT];
	size_t i;

	for (i = 0; !plan->mech[HOOK_WAIT] && i < sizeof(of_wait) / sizeof(of_wait[0]); i++)
		plan_drop(plan, of_wait[i], "needs hook wait, which is switched off");
	/* fdinfo lists the items of what is there, and finds nothing dead */
	if ((!snapshot || snapshot->need != NEED_ITER) && destroy && destroy->need == NEED_NOTHING)
		plan_drop(plan, HOOK_DESTROY,
			  "needs a snapshot by the iterator, which this plan lacks");
}

/* In the plan: what adds to its mechanisms; in a reason: what the kernel refused of it. */
static void plan_extras(struct plan *plan, const struct facts *f, const struct wishes *w)
{
	const struct mechanism *snapshot = plan->mech[HOOK_SNAPSHOT];
	const struct mechanism *wait = plan->mech[HOOK_WAIT];
	const struct extra *e;
	char *reason;
	size_t i, n, len;

	e = extras(&n);
	for (i = 0; i < n; i++) {
		const struct mechanism *m = plan->mech[e[i].hook];

		if (!m || (e[i].kind && strcmp(e[i].kind, m->kind)) ||
		    !f->has(f, e[i].need, e[i].name) || (e[i].flags & EXTRA_FOLLOW && !w->follow) ||
		    (e[i].flags & EXTRA_NAME && !w->name))
			continue;
		if (e[i].flags & EXTRA_BY_CALL && (!wait || wait->need != NEED_TRACEPOINT))
			continue;
		if (e[i].flags & EXTRA_CTL_FILE && !f->has(f, NEED_FENTRY, "do_epoll_ctl_file"))
			continue;
		/* Only a snapshot that reads the kernel's memory finds such waits */
		if (e[i].flags & EXTRA_LATE && (!snapshot || snapshot->need != NEED_ITER))
			continue;
		if (!(f->extras_refused & 1u << i)) {
			plan->extras |= 1u << i;
			continue;
		}
		reason = plan->reason[e[i].hook];
		len = strlen(reason);
		snprintf(reason + len, sizeof(plan->reason[0]) - len, "; %s: the kernel refused %s",
			 e[i].cost, f->extras_why[i]);
	}
}

const struct extra *plan_extra(const struct plan *plan, unsigned flag)
{
	const struct extra *e;
	size_t i, n;

	e = extras(&n);
	for (i = 0; i < n; i++)
		if (plan->extras & 1u << i && e[i].flags & flag)
			return &e[i];
	return NULL;
}

static bool has_prog(const char *const *progs, const char *prog)
{
	int i;

	for (i = 0; i < MECH_PROGS && progs[i]; i++)
		if (!strcmp(progs[i], prog))
			return true;
	return false;
}

enum hook plan_hook_of(const struct plan *plan, const char *prog)
{
	const struct extra *e;
	size_t i, n;

	for (i = 0; i < HOOK_COUNT; i++)
		if (plan->mech[i] && has_prog(plan->mech[i]->progs, prog))
			return (enum hook)i;
	e = extras(&n);
	for (i = 0; i < n; i++)
		if (plan->extras & 1u << i && has_prog(e[i].progs, prog))
			return e[i].hook;
	return HOOK_COUNT;
}

bool plan_uses(const struct plan *plan, const char *prog)
{
	return plan_hook_of(plan, prog) != HOOK_COUNT;
}

bool plan_refuse(const struct plan *plan, struct facts *f, const char *prog, const char *why)
{
	const struct extra *e;
	size_t i, n, at;

	for (i = 0; i < HOOK_COUNT; i++) {
		if (!plan->mech[i] || !has_prog(plan->mech[i]->progs, prog))
			continue;
		at = mechanism_index(plan->mech[i]);
		f->refused |= 1ULL << at;
		snprintf(f->refused_why[at], sizeof(f->refused_why[0]), "%s: %s", prog, why);
		return true;
	}
	e = extras(&n);
	for (i = 0; i < n; i++) {
		if (!(plan->extras & 1u << i) || !has_prog(e[i].progs, prog))
			continue;
		f->extras_refused |= 1u << i;
		snprintf(f->extras_why[i], sizeof(f->extras_why[0]), "%s: %s", prog, why);
		return true;
	}
	return false;
}

int plan_make(struct plan *plan, const struct facts *f, const struct wishes *w, char *err,
	      size_t size)
{
	int h, ret;

	memset(plan, 0, sizeof(*plan));
	for (h = 0; h < HOOK_COUNT; h++) {
		ret = plan_hook(plan, (enum hook)h, f, w, err, size);
		if (ret)
			return ret;
	}
	if (!plan->mech[HOOK_WAIT] &&
	    !(w->force[HOOK_WAIT] && !strcmp(w->force[HOOK_WAIT], "none"))) {
		snprintf(err, size, "no way to see epoll_wait on this kernel: %s",
			 plan->reason[HOOK_WAIT]);
		return -ENOENT;
	}
	plan_depend(plan);
	plan_extras(plan, f, w);
	return 0;
}

void plan_record(const struct plan *plan, enum hook hook, struct rec_plan *out)
{
	const struct mechanism *m = plan->mech[hook];

	memset(out, 0, sizeof(*out));
	out->hook = hook;
	out->tier = m ? m->tier : TIER_NONE;
	if (m && hook == HOOK_DELIVER) /* as good as the hook that calls it */
		out->tier = plan->mech[HOOK_WAIT]->tier;
	snprintf(out->mechanism, sizeof(out->mechanism), "%s", m ? m->title : "none");
	snprintf(out->reason, sizeof(out->reason), "%s", plan->reason[hook]);
}
