/* SPDX-License-Identifier: GPL-2.0 */
/* Calls by glibc, by system call, by 32-bit system call, and by a 32-bit process. */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"
#include "ways.h"
#include "wl.h"

int remote_pid;
static int arena_fd;

void arena_map(void)
{
	const int flags = MAP_SHARED | MAP_FIXED_NOREPLACE;
	void *at = (void *)(uintptr_t)ARENA_ADDR, *bad = (void *)(uintptr_t)ARENA_BAD;

	_Static_assert(sizeof(struct arena) == ARENA_SIZE, "the arena");
	arena_fd = memfd_create("arena", 0);
	if (arena_fd < 0 || ftruncate(arena_fd, ARENA_SIZE) ||
	    mmap(at, ARENA_SIZE, PROT_READ | PROT_WRITE, flags, arena_fd, 0) != at ||
	    mmap(bad, ARENA_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		 0) != bad)
		die_errno("cannot map the arena");
}

static long or_errno(long ret)
{
	return ret < 0 ? -errno : ret;
}

static long glibc_call(enum call what, const long a[6])
{
	struct epoll_event *ev = (void *)a[1];
	const void *spec = (void *)a[3], *mask = (void *)a[4];

	switch (what) {
	case CALL_CREATE:
		return or_errno(epoll_create((int)a[0]));
	case CALL_CREATE1:
		return or_errno(epoll_create1((int)a[0]));
	case CALL_CTL:
		return or_errno(epoll_ctl((int)a[0], (int)a[1], (int)a[2], (void *)a[3]));
	case CALL_WAIT:
		return or_errno(epoll_wait((int)a[0], ev, (int)a[2], (int)a[3]));
	case CALL_PWAIT:
		return or_errno(epoll_pwait((int)a[0], ev, (int)a[2], (int)a[3], mask));
	case CALL_PWAIT2:
		return or_errno(epoll_pwait2((int)a[0], ev, (int)a[2], spec, mask));
	default:
		return or_errno(close((int)a[0]));
	}
}

static long raw_call(enum call what, const long a[6])
{
	static const int nr[CALLS] = {
		[CALL_CREATE] = SYS_epoll_create, [CALL_CREATE1] = SYS_epoll_create1,
		[CALL_CTL] = SYS_epoll_ctl,       [CALL_WAIT] = SYS_epoll_wait,
		[CALL_PWAIT] = SYS_epoll_pwait,   [CALL_PWAIT2] = SYS_epoll_pwait2,
		[CALL_CLOSE] = SYS_close,
	};

	return or_errno(syscall(nr[what], a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* arch/x86/entry/syscalls/syscall_32.tbl */
static const int nr32[CALLS] = {
	[CALL_CREATE] = 254, [CALL_CREATE1] = 329, [CALL_CTL] = 255, [CALL_WAIT] = 256,
	[CALL_PWAIT] = 319,  [CALL_PWAIT2] = 441,  [CALL_CLOSE] = 6,
};
#define NR32_SIGACTION 174
#define NR32_FCNTL     55

/* 64-bit code may make 32-bit calls, where the kernel has IA32 emulation. */
static long int80_call(enum call what, const long a[6])
{
	long ret = nr32[what], sixth = a[5];

	asm volatile("xchg %%rbp, %[sixth]\n\tint $0x80\n\txchg %%rbp, %[sixth]"
		     : "+a"(ret), [sixth] "+r"(sixth)
		     : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
		     : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)ret;
}

/* ---- another process ---- */

static void futex_wait_while(int32_t *at, int32_t state)
{
	syscall(SYS_futex, at, FUTEX_WAIT, state, NULL, NULL, 0);
}

static void state_set(int32_t state)
{
	__atomic_store_n(&ARENA->remote.state, state, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &ARENA->remote.state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int32_t state_get(void)
{
	return __atomic_load_n(&ARENA->remote.state, __ATOMIC_SEQ_CST);
}

static long remote_nr(int nr, const long a[6])
{
	int32_t state;

	ARENA->remote.nr = nr;
	for (int i = 0; i < 6; i++)
		ARENA->remote.args[i] = (uint32_t)a[i];
	state_set(REMOTE_ASKED);
	while ((state = state_get()) != REMOTE_DONE)
		futex_wait_while(&ARENA->remote.state, state);
	return ARENA->remote.ret;
}

static long remote_call(enum call what, const long a[6])
{
	return remote_nr(nr32[what], a);
}

bool remote_running(void)
{
	return state_get() == REMOTE_RUNNING;
}

void remote_handle_usr2(void)
{
	/* struct sigaction of 32-bit code: handler, flags, restorer, mask */
	uint32_t *act = (uint32_t *)ARENA->events;
	const long a[6] = { SIGUSR2, (long)(uintptr_t)act, 0, 8 };

	memset(act, 0, 32);
	act[0] = ARENA->remote.handler;
	if (remote_nr(NR32_SIGACTION, a))
		die("wl_ways32 cannot handle signals");
}

/* Path of wl_ways32, beside this program. */
static const char *remote_path(void)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 3);

	if (len < 0)
		die_errno("cannot find wl_ways32");
	memcpy(path + len, "32", 3);
	return path;
}

void kernel_lacks(const char *what)
{
	fprintf(stderr, "skipped: this kernel has no %s\n", what);
	exit(EXIT_SKIPPED);
}

void need_32bit(void)
{
	const char *path = remote_path();
	pid_t child = fork();
	int status;

	if (!child) {
		execl(path, path, (char *)NULL); /* it ends at once: nobody has mapped the arena */
		_exit(errno == ENOEXEC ? EXIT_SKIPPED : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		die_errno("cannot start %s", path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED)
		kernel_lacks("way to run 32-bit code");
}

void remote_start(void)
{
	const char *path = remote_path();

	if (dup2(arena_fd, ARENA_FD) < 0)
		die_errno("cannot hand on the arena");
	remote_pid = getpid();
	switch (fork()) {
	case -1:
		die_errno("cannot fork");
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (!__atomic_load_n(&ARENA->remote.handler, __ATOMIC_SEQ_CST))
			sleep_ns(NS_PER_MS); /* until it runs */
		return;
	default:
		execl(path, path, (char *)NULL);
		die_errno("cannot start %s", path);
	}
}

const struct abi abi_glibc = { .name = "glibc", .call = glibc_call, .glibc = true };
const struct abi abi_raw = { .name = "raw", .call = raw_call };
const struct abi abi_int80 = { .name = "int80", .call = int80_call };
const struct abi abi_remote = { .name = "32-bit", .call = remote_call, .remote = true };
