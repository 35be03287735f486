/* SPDX-License-Identifier: GPL-2.0 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "parse_num.h"
#include "procinfo.h"

static const char *proc = "/proc";

void procinfo_set_root(const char *folder)
{
	proc = folder ? folder : "/proc";
}

/* File of that name in the folder of a process; NULL when the process does not exist. */
static FILE *open_of(u32 tgid, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%u/%s", proc, tgid, name);
	return fopen(path, "re");
}

void procinfo_comm(u32 tgid, char *buf, size_t size)
{
	FILE *f = open_of(tgid, "comm");

	buf[0] = 0;
	if (!f)
		return;
	if (!fgets(buf, (int)size, f))
		buf[0] = 0;
	fclose(f);
	buf[strcspn(buf, "\n")] = 0;
}

bool procinfo_alive(u32 tgid)
{
	FILE *f = open_of(tgid, "stat");
	char line[256], state = 0;
	const char *end;

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
	DIR *dir = opendir(proc);
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
