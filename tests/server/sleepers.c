/* SPDX-License-Identifier: GPL-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sleepers.h"
#include "util.h"

#define LIMIT_NS (10 * NS_PER_S)

/* Whether it sleeps; adds to *sleeps how often it has gone to sleep so far. */
static bool is_asleep(pid_t tid, uint64_t *sleeps)
{
	char path[48], line[128], state = 0;
	uint64_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	f = fopen(path, "re");
	if (!f)
		die_errno("cannot read %s", path);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "State:", 6))
			sscanf(line, "State: %c", &state);
		if (sscanf(line, "voluntary_ctxt_switches: %" SCNu64, &n) == 1)
			*sleeps += n;
	}
	fclose(f);
	return state == 'S';
}

static bool all_asleep(const pid_t *tids, size_t count, uint64_t *sleeps)
{
	bool all = true;

	*sleeps = 0;
	for (size_t i = 0; i < count; i++)
		all &= is_asleep(tids[i], sleeps);
	return all;
}

void sleepers_await(const pid_t *tids, size_t count)
{
	int64_t limit = now_ns() + LIMIT_NS;
	uint64_t first, second;

	/* Seen asleep twice, and none has run in between: then all slept between the two looks. */
	while (!all_asleep(tids, count, &first) || !all_asleep(tids, count, &second) ||
	       first != second) {
		if (now_ns() > limit)
			die("a thread did not go to sleep within 10 s");
		sleep_ns(100 * NS_PER_US);
	}
}
