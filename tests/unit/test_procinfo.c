/* SPDX-License-Identifier: GPL-2.0 */
/* Processes, in a folder made for the test and in the real /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "procinfo.h"

static char proc[] = "/tmp/epscope-procinfo.XXXXXX";
static const char *const made[] = { "1", "20", "21", "300", "4", "5", "6", "self", "12x", "0" };

static void make_file(const char *pid, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/%s", proc, pid, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static void make_process(const char *pid, const char *comm, char state)
{
	char text[128];

	snprintf(text, sizeof(text), "%s\n", comm);
	make_file(pid, "comm", text);
	snprintf(text, sizeof(text), "%s (%s) %c 1 1 1 0 -1\n", pid, comm, state);
	make_file(pid, "stat", text);
}

static int setup(void **state)
{
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(proc));
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", proc, made[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	make_process("1", "init", 'S');
	make_process("20", "worker", 'R');
	make_process("21", "worker", 'Z');
	make_process("300", "worker", 'D');
	make_process("4", "a) Z (b", 'S');
	make_process("5", "fifteen letters", 'X');
	make_process("self", "worker", 'R');
	make_process("12x", "worker", 'R');
	make_process("0", "worker", 'R');
	make_file("6", "comm", "");
	make_file("6", "stat", "6 (cut");
	procinfo_set_root(proc);
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "comm", "stat", "" };
	char path[128];

	(void)state;
	procinfo_set_root(NULL);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		for (size_t j = 0; j < sizeof(files) / sizeof(files[0]); j++) {
			snprintf(path, sizeof(path), "%s/%s/%s", proc, made[i], files[j]);
			remove(path);
		}
	}
	return remove(proc);
}

static void names(void **state)
{
	char comm[COMM_LEN];

	(void)state;
	procinfo_comm(1, comm, sizeof(comm));
	assert_string_equal(comm, "init");
	procinfo_comm(4, comm, sizeof(comm));
	assert_string_equal(comm, "a) Z (b");
	procinfo_comm(5, comm, sizeof(comm));
	assert_string_equal(comm, "fifteen letters");
	procinfo_comm(5, comm, 5);
	assert_string_equal(comm, "fift");
	procinfo_comm(6, comm, sizeof(comm));
	assert_string_equal(comm, "");
	strcpy(comm, "before");
	procinfo_comm(77, comm, sizeof(comm));
	assert_string_equal(comm, "");
}

static void living(void **state)
{
	(void)state;
	assert_true(procinfo_alive(1));
	assert_true(procinfo_alive(20));
	assert_true(procinfo_alive(300));
	assert_true(procinfo_alive(4)); /* the Z is part of its name */
	assert_false(procinfo_alive(21));
	assert_false(procinfo_alive(5));
	assert_false(procinfo_alive(6));
	assert_false(procinfo_alive(77));
}

/* How many processes have that name, and the sum of their ids. */
static int named(const char *name, u32 *sum)
{
	u32 *pids;
	int n = procinfo_by_name(name, &pids);

	*sum = 0;
	for (int i = 0; i < n; i++)
		*sum += pids[i]; /* in the order of the folder: any */
	free(pids);
	return n;
}

static void by_name(void **state)
{
	u32 sum;

	(void)state;
	assert_int_equal(named("worker", &sum), 2);
	assert_int_equal(sum, 320);
	assert_int_equal(named("work", &sum), 0);
	assert_int_equal(named("worker2", &sum), 0);
	assert_int_equal(named("init", &sum), 1);
	assert_int_equal(sum, 1);
	procinfo_set_root("/nonexistent");
	assert_int_equal(named("init", &sum), 0);
	procinfo_set_root(proc);
}

/* A child of this process, and its parent. */
static void parents(void **state)
{
	struct proc_parent *list;
	pid_t child = fork();
	int n, found = 0;

	(void)state;
	if (!child)
		pause();
	assert_true(child > 0);
	procinfo_set_root(NULL);
	n = procinfo_parents(&list);
	for (int i = 0; i < n; i++)
		found += list[i].tgid == (u32)child && list[i].parent == (u32)getpid();
	free(list);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(found, 1);
	procinfo_set_root(proc);
}

/* The kernel's own: ourselves, and a child that has ended and was not waited for. */
static void real(void **state)
{
	siginfo_t info;
	char comm[COMM_LEN];
	pid_t child;
	u32 sum;

	(void)state;
	procinfo_set_root(NULL);
	assert_int_equal(prctl(PR_SET_NAME, "ep (R) scope)"), 0);
	procinfo_comm((u32)getpid(), comm, sizeof(comm));
	assert_string_equal(comm, "ep (R) scope)");
	assert_true(procinfo_alive((u32)getpid()));
	child = fork();
	if (!child)
		_exit(0);
	assert_true(child > 0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_false(procinfo_alive((u32)child));
	assert_int_equal(named("ep (R) scope)", &sum), 1);
	assert_int_equal(sum, getpid());
	assert_int_equal(waitpid(child, NULL, 0), child);
	procinfo_set_root(proc);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),   cmocka_unit_test(living), cmocka_unit_test(by_name),
		cmocka_unit_test(parents), cmocka_unit_test(real),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
