/* SPDX-License-Identifier: GPL-2.0 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Field n of /proc/PID/stat as proc(5) counts them, from 3 on; NULL: not there. line is scratch. */
static const char *stat_field(u32 tgid, int n, char *line, size_t size)
{
	FILE *f = open_of(tgid, "stat");
	char *p = NULL;

	if (!f)
		return NULL;
	if (fgets(line, (int)size, f))
		p = strrchr(line, ')'); /* a name may hold anything, ')' too */
	fclose(f);
	for (; p && n > 2; n--)
		p = strchr(p + 1, ' ');
	return p ? p + 1 : NULL;
}

bool procinfo_alive(u32 tgid)
{
	char line[512];
	const char *state = stat_field(tgid, 3, line, sizeof(line));

	if (!state || *state == 'X')
		return false;
	if (*state != 'Z')
		return true;
	/* Z is the main thread's; others may go on after its pthread_exit() */
	state = stat_field(tgid, 20, line, sizeof(line));
	return state && strtol(state, NULL, 10) > 1;
}

u32 procinfo_tgid(u32 pid)
{
	FILE *f = open_of(pid, "status");
	char line[256];
	u32 tgid = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %u", &tgid) == 1)
			break;
	if (f)
		fclose(f);
	return tgid;
}

int procinfo_children(u32 tgid, u32 *pids, int size)
{
	DIR *dir = opendir(proc);
	const char *parent;
	struct dirent *d;
	char line[512];
	int n = 0;
	u64 pid;

	while (dir && n < size && (d = readdir(dir))) {
		if (parse_u64(d->d_name, 1, 0x7fffffff, &pid))
			continue;
		parent = stat_field((u32)pid, 4, line, sizeof(line));
		if (parent && strtoul(parent, NULL, 10) == tgid && procinfo_alive((u32)pid))
			pids[n++] = (u32)pid;
	}
	if (dir)
		closedir(dir);
	return n;
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
