/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <sys/utsname.h>
#include "check.h"
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

/* The one line that says what to do for more. */
static void print_advice(const struct plan *plan, const struct facts *f)
{
	if (plan->mech[HOOK_CALLBACK])
		printf("\nfull tier: every figure is known on this kernel\n");
	else if (f->fentry || f->kprobe)
		printf("\nbasic tier: ep_poll_callback is not attached; see its reason above\n");
	else
		printf("\nbasic tier: this kernel has no function probes. Every figure is exact except "
		       "those that need\nsingle callbacks, which are shown as unknown (-). For the full "
		       "tier boot a kernel with\nCONFIG_FUNCTION_TRACER or CONFIG_KPROBE_EVENTS, as "
		       "distributions build them.\n");
}

enum exit_code check(const struct options *o)
{
	enum exit_code code;
	struct utsname uts;
	struct session s;
	int h;

	code = session_open(&s, o, 0);
	if (!code) {
		uname(&uts);
		printf("kernel %s, %s, BTF found\n\n", uts.release, uts.machine);
		printf("%-9s %-6s %-42s %s\n", "HOOK", "TIER", "MECHANISM", "REASON");
		for (h = 0; h < HOOK_COUNT; h++)
			print_hook(&s.plan, (enum hook)h);
		print_advice(&s.plan, &s.k.facts);
		code = output_told();
	}
	session_close(&s);
	return code;
}
