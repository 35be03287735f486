/* SPDX-License-Identifier: GPL-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "wl.h"

#define SLEEP_LIMIT_NS (10 * NS_PER_S)

/* Reads /proc/TID/NAME. */
static void thread_file(pid_t tid, const char *name, char *text, size_t size)
{
	char path[32];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	f = fopen(path, "re");
	if (!f)
		die_errno("cannot read %s", path);
	n = fread(text, 1, size - 1, f);
	fclose(f);
	text[n] = '\0';
}

/*
 * The state alone does not tell: ep_poll() sets TASK_INTERRUPTIBLE and may then find an event or a
 * signal and return, without having slept. syscall tells the number of the call only of a thread
 * that has left its CPU (task_current_syscall() waits for that), and else "running".
 */
bool wl_sleeps(pid_t tid)
{
	char text[512], *end;

	thread_file(tid, "stat", text, sizeof(text));
	/* The name in parentheses may contain anything; the state follows the last one. */
	end = strrchr(text, ')');
	if (!end || !end[1] || end[2] != 'S')
		return false;
	thread_file(tid, "syscall", text, sizeof(text));
	return isdigit((unsigned char)text[0]);
}

long wl_preempted(pid_t tid)
{
	const char *key = "nonvoluntary_ctxt_switches:";
	char text[4096], *at;

	thread_file(tid, "status", text, sizeof(text));
	at = strstr(text, key);
	if (!at)
		die("/proc/%d/status has no %s", tid, key);
	return strtol(at + strlen(key), NULL, 10);
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
