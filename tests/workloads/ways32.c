/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A 32-bit process that makes the system calls that wl_ways asks for, see struct remote in ways.h.
 * Without a C library: that would take one for 32-bit programs.
 */
#include "ways.h"

enum {
	NR_EXIT = 1,
	NR_MMAP2 = 192,
	NR_FUTEX = 240,
	PROT_READ_WRITE = 3,
	MAP_SHARED_FIXED = 0x11,
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
};

void _start(void);

static int call(int nr, const uint32_t a[6])
{
	int ret = nr;

	/* All six argument registers are taken, so they are loaded from memory. */
	asm volatile("push %%ebp\n\tpush %%ebx\n\tmov 20(%%edi), %%ebp\n\tmov 0(%%edi), %%ebx\n\t"
		     "mov 4(%%edi), %%ecx\n\tmov 8(%%edi), %%edx\n\tmov 12(%%edi), %%esi\n\t"
		     "mov 16(%%edi), %%edi\n\tint $0x80\n\tpop %%ebx\n\tpop %%ebp"
		     : "+a"(ret), "+D"(a)
		     :
		     : "memory", "cc", "ecx", "edx", "esi");
	return ret;
}

static void handler(int sig)
{
	(void)sig;
}

static void state_set(int32_t state)
{
	const uint32_t wake[6] = { ARENA_ADDR, FUTEX_WAKE, 0x7fffffff };

	__atomic_store_n(&ARENA->remote.state, state, __ATOMIC_SEQ_CST);
	call(NR_FUTEX, wake);
}

void _start(void)
{
	static const uint32_t map[6] = { ARENA_ADDR,       ARENA_SIZE, PROT_READ_WRITE,
					 MAP_SHARED_FIXED, ARENA_FD,   0 };
	static const uint32_t exit_args[6] = { 1 };
	int32_t state;

	if (call(NR_MMAP2, map) != (int)ARENA_ADDR)
		call(NR_EXIT, exit_args);
	__atomic_store_n(&ARENA->remote.handler, (uint32_t)&handler, __ATOMIC_SEQ_CST);
	for (;;) {
		state = __atomic_load_n(&ARENA->remote.state, __ATOMIC_SEQ_CST);
		if (state != REMOTE_ASKED) {
			const uint32_t wait[6] = { ARENA_ADDR, FUTEX_WAIT, (uint32_t)state };

			call(NR_FUTEX, wait);
			continue;
		}
		__atomic_store_n(&ARENA->remote.state, REMOTE_RUNNING, __ATOMIC_SEQ_CST);
		ARENA->remote.ret = call(ARENA->remote.nr, ARENA->remote.args);
		state_set(REMOTE_DONE);
	}
}
