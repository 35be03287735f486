/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "preempt.h"
#include "private_mount.h"

#define DEBUGFS "/sys/kernel/debug"

/* With CONFIG_PREEMPT_DYNAMIC the mode is chosen at boot: "none voluntary full (lazy)". */
struct modes {
	char text[64];
};

static void modes_read(void *ctx, void *buf)
{
	struct modes *m = buf;
	FILE *f = fopen(DEBUGFS "/sched/preempt", "re");

	(void)ctx;
	memset(m, 0, sizeof(*m));
	if (!f)
		return;
	if (!fgets(m->text, sizeof(m->text), f))
		m->text[0] = 0;
	fclose(f);
}

/* Lazy is preemption too: put off until the next tick. */
bool preempts_by(const char *modes, const char *version)
{
	if (strchr(modes, '('))
		return !strstr(modes, "(none)") && !strstr(modes, "(voluntary)");
	return strstr(version, "PREEMPT");
}

bool kernel_preempts(void)
{
	struct utsname name;
	struct modes m;

	modes_read(NULL, &m);
	if (!m.text[0] && private_mount_read("debugfs", DEBUGFS, modes_read, NULL, &m, sizeof(m)))
		m.text[0] = 0;
	return preempts_by(m.text, uname(&name) ? "" : name.version);
}
