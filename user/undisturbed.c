/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdbool.h>
#include "undisturbed.h"

static int policy;
static struct sched_param param;
static bool raised;

void undisturbed_begin(void)
{
	const struct sched_param first = { .sched_priority = 1 };

	policy = sched_getscheduler(0);
	raised = policy >= 0 && !sched_getparam(0, &param) &&
		 !sched_setscheduler(0, SCHED_FIFO, &first);
}

void undisturbed_end(void)
{
	if (raised)
		sched_setscheduler(0, policy, &param);
	raised = false;
}
