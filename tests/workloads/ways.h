/* SPDX-License-Identifier: GPL-2.0 */
/* Ways into the kernel's epoll: how wl_ways makes its calls. */
#ifndef TESTS_WAYS_H
#define TESTS_WAYS_H

#include <stdbool.h>
#include <stdint.h>

/* Memory of the calls: below 4 GiB, the same in a 32-bit process, and nothing behind it. */
#define ARENA_ADDR 0x20000000u
#define ARENA_PAGE 4096u
#define ARENA_SIZE (2 * ARENA_PAGE)
#define ARENA_BAD  (ARENA_ADDR + ARENA_SIZE) /* no access */
#define ARENA_FD   60                        /* of the file behind it, in wl_ways32 */

/* A call that wl_ways32 makes for us; a futex each way. At the arena's start. */
struct remote {
	int32_t state; /* enum remote_state */
	int32_t nr;
	uint32_t args[6];
	int32_t ret;
	uint32_t handler; /* address of a signal handler that does nothing */
};

enum remote_state {
	REMOTE_IDLE,
	REMOTE_ASKED,
	REMOTE_RUNNING, /* inside the call, or about to be */
	REMOTE_DONE,
};

struct arena {
	struct remote remote;
	char pad[512 - sizeof(struct remote)];
	uint64_t sigmask;
	int64_t timespec[2];
	char event[16]; /* for epoll_ctl */
	char pad2[512];
	char events[2048]; /* what a wait delivers */
	char pad3[2 * ARENA_PAGE - 512 - 8 - 16 - 16 - 512 - 2048];
};

#define ARENA ((struct arena *)(uintptr_t)ARENA_ADDR)

enum call {
	CALL_CREATE,
	CALL_CREATE1,
	CALL_CTL,
	CALL_WAIT,
	CALL_PWAIT,
	CALL_PWAIT2,
	CALL_CLOSE,
	CALLS,
};

/* One way to make calls: returns what the kernel returned, or -errno. */
struct abi {
	const char *name;
	long (*call)(enum call what, const long args[6]);
	bool uring;  /* waits have neither timeout nor mask, and no signal interrupts them */
	bool glibc;  /* cannot pass a wrong size of the mask */
	bool remote; /* another process makes them */
};

extern const struct abi abi_glibc, abi_raw, abi_int80, abi_remote, abi_uring;

void arena_map(void);
/* Ends as skipped. */
_Noreturn void kernel_lacks(const char *what);
/* Ends as skipped if this kernel runs no 32-bit code: some are started without, some hosts cannot. */
void need_32bit(void);
/* Starts wl_ways32 in the place of this process; returns in a child of it, which tells it what to do. */
void remote_start(void);
/* Process that makes the remote calls. */
extern int remote_pid;
/* Whether the remote call has begun. */
bool remote_running(void);
/* A signal handler that does nothing, for SIGUSR2 in the remote process. */
void remote_handle_usr2(void);

enum uring_mode {
	URING_INLINE,
	URING_ASYNC,  /* io-wq's threads make the calls */
	URING_SQPOLL, /* the ring's own thread makes them */
};

/* Makes the ring. Returns false if the kernel has no IORING_OP_EPOLL_WAIT. */
bool uring_open(enum uring_mode mode);
/* A wait that is cancelled before anything came. */
void uring_wait_cancelled(int epfd, void *events, int maxevents);

#endif
