/* SPDX-License-Identifier: GPL-2.0 */
#include <dirent.h>
#include <errno.h>
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

/* An array that grows by one element of that size at a time. */
static int array_add(void *array, int *n, const void *element, size_t size)
{
	void **mem = array, *more;

	if (!(*n & (*n - 1))) { /* full: lengths double, from 1 on */
		more = reallocarray(*mem, *n ? 2 * (size_t)*n : 1, size);
		if (!more)
			return -ENOMEM;
		*mem = more;
	}
	memcpy((char *)*mem + (size_t)*n * size, element, size);
	++*n;
	return 0;
}

/* The next folder of a process, 0: no more. */
static u32 next_process(DIR *dir)
{
	struct dirent *d;
	u64 pid;

	while (dir && (d = readdir(dir)))
		if (!parse_u64(d->d_name, 1, 0x7fffffff, &pid))
			return (u32)pid;
	return 0;
}

int procinfo_parents(struct proc_parent **list)
{
	DIR *dir = opendir(proc);
	struct proc_parent p;
	const char *parent;
	char line[512];
	int n = 0, err = 0;

	*list = NULL;
	while (!err && (p.tgid = next_process(dir))) {
		parent = stat_field(p.tgid, 4, line, sizeof(line));
		p.parent = parent ? (u32)strtoul(parent, NULL, 10) : 0;
		if (p.parent && procinfo_alive(p.tgid))
			err = array_add(list, &n, &p, sizeof(p));
	}
	if (dir)
		closedir(dir);
	return err ? err : n;
}

int procinfo_by_name(const char *name, u32 **pids)
{
	DIR *dir = opendir(proc);
	int n = 0, err = 0;
	char comm[64];
	u32 pid;

	*pids = NULL;
	while (!err && (pid = next_process(dir))) {
		procinfo_comm(pid, comm, sizeof(comm));
		if (!strcmp(comm, name) && procinfo_alive(pid))
			err = array_add(pids, &n, &pid, sizeof(pid));
	}
	if (dir)
		closedir(dir);
	return err ? err : n;
}
