/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What epcount.so counts of a process, in a file that process maps: an independent truth of every
 * epoll call of a program that nobody here wrote. The names are those that tests/truth.py knows.
 */
#ifndef EPCOUNT_H
#define EPCOUNT_H

#include <stdint.h>

#define EPCOUNT_KEYS(X)    \
	X(creates)         \
	X(adds)            \
	X(mods)            \
	X(dels)            \
	X(ctl_errors)      \
	X(waits)           \
	X(returns_events)  \
	X(returns_full)    \
	X(returns_timeout) \
	X(returns_signal)  \
	X(returns_error)   \
	X(delivered)       \
	X(put_back)        \
	X(wakeups)         \
	X(wakeups_unsure)

enum epcount_key {
#define X(name) COUNT_##name,
	EPCOUNT_KEYS(X)
#undef X
	COUNT_KEYS
};

struct epcount {
	_Atomic uint64_t count[COUNT_KEYS];
};

#endif
