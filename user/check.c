/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <sys/utsname.h>
#include "check.h"
#include "csv.h"
#include "json.h"
#include "output.h"
#include "session.h"

static const char *const tiers[] = {
	[TIER_NONE] = "none",
	[TIER_BASIC] = "basic",
	[TIER_FULL] = "full",
};

static const char *const unknowns[HOOK_COUNT] = {
	[HOOK_CREATE] = "new instances are found by the next snapshot",
	[HOOK_CTL] = "registrations are found by the next snapshot",
	[HOOK_CALLBACK] = "callbacks, ready-to-delivered and overflow are unknown",
	[HOOK_WAKE] = "wakeups and who caused them are unknown",
	[HOOK_RELEASE] = "items that a close removed are found by the next snapshot",
	[HOOK_SNAPSHOT] = "the tree and the ready list are unknown",
};

static void print_hook(const struct plan *plan, enum hook hook)
{
	struct rec_plan row;

	plan_record(plan, hook, &row);
	printf("%-9s %-6s %-42s %s\n", hook_name(hook), tiers[row.tier], row.mechanism, row.reason);
	if (row.tier == TIER_NONE && unknowns[hook])
		printf("%-9s %-6s %-42s -> %s\n", "", "", "", unknowns[hook]);
}

/* Whether no hook is of a lower tier than the best of its mechanisms. */
static bool all_best(const struct plan *plan)
{
	const struct mechanism *m;
	size_t i, n;

	m = mechanisms(&n);
	for (i = 0; i < n; i++)
		if (!plan->mech[m[i].hook] ||
		    (m[i].tier == TIER_FULL && plan->mech[m[i].hook]->tier != TIER_FULL))
			return false;
	return true;
}

/* The one line that says what to do for more. */
static void print_advice(const struct plan *plan, const struct facts *f)
{
	if (plan->mech[HOOK_CALLBACK] && all_best(plan))
		printf("\nfull tier: every figure is known on this kernel\n");
	else if (plan->mech[HOOK_CALLBACK])
		printf("\nnot all of the full tier: see the hooks above that are basic or none\n");
	else if (f->fentry || f->kprobe)
		printf("\nbasic tier: ep_poll_callback is not attached; see its reason above\n");
	else
		printf("\nbasic tier: this kernel has no function probes. Every figure is exact except "
		       "those that need\nsingle callbacks, which are shown as unknown (-). For the full "
		       "tier boot a kernel with\nCONFIG_FUNCTION_TRACER or CONFIG_KPROBE_EVENTS, as "
		       "distributions build them.\n");
}

static void check_text(const struct session *s, const struct utsname *uts)
{
	int h;

	printf("kernel %s, %s, BTF found\n\n", uts->release, uts->machine);
	printf("%-9s %-6s %-42s %s\n", "HOOK", "TIER", "MECHANISM", "REASON");
	for (h = 0; h < HOOK_COUNT; h++)
		print_hook(&s->plan, (enum hook)h);
	print_advice(&s->plan, &s->k.facts);
}

/* Fields of a row of every mechanism that epscope has, in this order. */
enum field {
	F_KERNEL,
	F_HOOK,
	F_MECHANISM,
	F_TIER,
	F_USE,
	F_TITLE,
	F_REASON,
	F_COUNT
};
static const char *const fields[F_COUNT] = {
	"kernel", "hook", "mechanism", "tier", "use", "title", "reason",
};

/* Whether the plan has it, or could have. */
static void row_use(const struct session *s, const struct mechanism *m, const char *row[F_COUNT],
		    char *why, size_t size)
{
	row[F_REASON] = why;
	if (s->plan.mech[m->hook] == m) {
		row[F_USE] = "chosen";
		row[F_REASON] = s->plan.reason[m->hook];
	} else if (mechanism_usable(&s->k.facts, m, why, size)) {
		row[F_USE] = "there";
		row[F_REASON] = m->note ? m->note : "";
	} else {
		row[F_USE] =
			s->k.facts.refused & 1ULL << mechanism_index(m) ? "refused" : "missing";
	}
}

static void row_write(struct out *out, const char *const row[F_COUNT], bool json)
{
	int i;

	for (i = 0; i < F_COUNT; i++) {
		out_text(out, json ? i ? "," : "{" : i ? "," : "");
		if (!json) {
			csv_text(out, row[i]);
			continue;
		}
		json_text(out, fields[i]);
		out_char(out, ':');
		json_text(out, row[i]);
	}
	out_text(out, json ? "}\n" : "\n");
}

/* How each could be had: what tests force, and what README.md's table is made from. */
static void check_rows(const struct session *s, const struct utsname *uts, bool json)
{
	const struct mechanism *m;
	const char *row[F_COUNT];
	char why[160];
	struct out out;
	size_t i, n;

	out_init(&out, stdout);
	if (!json)
		row_write(&out, fields, false);
	m = mechanisms(&n);
	for (i = 0; i < n; i++) {
		row[F_KERNEL] = uts->release;
		row[F_HOOK] = hook_name(m[i].hook);
		row[F_MECHANISM] = m[i].kind;
		row[F_TIER] = tiers[m[i].tier];
		row[F_TITLE] = m[i].title;
		row_use(s, &m[i], row, why, sizeof(why));
		row_write(&out, row, json);
	}
	out_flush(&out);
	out_free(&out);
}

enum exit_code check(const struct options *o)
{
	enum exit_code code;
	struct utsname uts;
	struct session s;

	code = session_open(&s, o, 0);
	if (!code) {
		uname(&uts);
		if (o->format == FORMAT_TEXT)
			check_text(&s, &uts);
		else
			check_rows(&s, &uts, o->format == FORMAT_JSON);
		code = output_told();
	}
	session_close(&s);
	return code;
}
