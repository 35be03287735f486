/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "clock.h"
#include "live_meta.h"
#include "version.h"

static void say_command(const struct options *o, char *out, size_t size)
{
	size_t used = 0;
	int i;

	out[0] = 0;
	for (i = 0; i < o->npids && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%d", i ? "," : "-p ",
					 o->pids[i]);
	if (o->name)
		snprintf(out, size, "-n %s", o->name);
	if (o->all)
		snprintf(out, size, "-a");
	if (o->argv)
		snprintf(out, size, "-- %s", o->argv[0]);
}

int live_meta_emit(const struct options *o, const struct plan *plan, record_fn fn, void *ctx)
{
	struct rec_hdr hdr = { .type = REC_META, .len = sizeof(struct rec_meta) };
	struct rec_meta meta = { .ncpu = (u32)sysconf(_SC_NPROCESSORS_ONLN) };
	struct rec_plan row;
	struct utsname uts;
	int h, ret;

	meta.mono_ns = clock_mono_ns();
	meta.wall_ns = clock_ns(CLOCK_REALTIME);
	meta.interval_ms = o->interval_ms;
	uname(&uts);
	snprintf(meta.release, sizeof(meta.release), "%.63s", uts.release);
	snprintf(meta.version, sizeof(meta.version), "%s", EPSCOPE_VERSION);
	say_command(o, meta.command, sizeof(meta.command));
	ret = fn(ctx, &hdr, &meta);
	hdr = (struct rec_hdr){ .type = REC_PLAN, .len = sizeof(row) };
	for (h = 0; h < HOOK_COUNT && !ret; h++) {
		plan_record(plan, (enum hook)h, &row);
		ret = fn(ctx, &hdr, &row);
	}
	return ret;
}
