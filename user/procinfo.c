/* SPDX-License-Identifier: GPL-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "parse_num.h"
#include "procinfo.h"

void procinfo_comm(u32 tgid, char *buf, size_t size)
{
	char path[64];
	FILE *f;

	buf[0] = 0;
	snprintf(path, sizeof(path), "/proc/%u/comm", tgid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(buf, (int)size, f))
		buf[0] = 0;
	fclose(f);
	buf[strcspn(buf, "\n")] = 0;
}

bool procinfo_alive(u32 tgid)
{
	char path[64], line[256], state = 0;
	const char *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stat", tgid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fgets(line, sizeof(line), f)) {
		end = strrchr(line, ')'); /* a name may hold anything, ')' too */
		if (end && end[1])
			state = end[2];
	}
	fclose(f);
	return state && state != 'Z' && state != 'X';
}

int procinfo_by_name(const char *name, u32 *pids, int size)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	char comm[64];
	int n = 0;
	u64 pid;

	while (dir && n < size && (d = readdir(dir))) {
		if (parse_u64(d->d_name, 1, 0x7fffffff, &pid))
			continue;
		procinfo_comm((u32)pid, comm, sizeof(comm));
		if (!strcmp(comm, name) && procinfo_alive((u32)pid))
			pids[n++] = (u32)pid;
	}
	if (dir)
		closedir(dir);
	return n;
}
