/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>

#include "util.h"
#include "wl.h"

#define SLEEP_LIMIT_NS (10 * NS_PER_S)

bool wl_sleeps(pid_t tid)
{
	char path[32], text[512], *end;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	f = fopen(path, "re");
	if (!f)
		die_errno("cannot read %s", path);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	/* The name in parentheses may contain anything; the state follows the last one. */
	end = strrchr(text, ')');
	return end && end[1] && end[2] == 'S';
}

void wl_await_sleep(pid_t tid)
{
	int64_t limit = now_ns() + SLEEP_LIMIT_NS;

	for (int tries = 0; !wl_sleeps(tid); tries++) {
		if (now_ns() > limit)
			die("thread %d did not go to sleep within %d s", tid,
			    (int)(SLEEP_LIMIT_NS / NS_PER_S));
		if (tries > 10)
			sleep_ns(20 * NS_PER_US);
	}
}
