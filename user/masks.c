/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "masks.h"
#include "records.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* By bit; the kernel's include/uapi/linux/eventpoll.h, and what poll keys carry besides. */
static const char
	*const mask_bits[32] = {
		[0] = "IN",          [1] = "PRI",     [2] = "OUT",      [3] = "ERR",
		[4] = "HUP",         [5] = "NVAL",    [6] = "RDNORM",   [7] = "RDBAND",
		[8] = "WRNORM",      [9] = "WRBAND",  [10] = "MSG",     [13] = "RDHUP",
		[14] = "FREE",       /* POLLFREE: the wait queue goes away */
		[27] = "URING_WAKE", /* EPOLL_URING_WAKE: from io_uring */
		[28] = "EXCLUSIVE",  [29] = "WAKEUP", [30] = "ONESHOT", [31] = "ET",
	};

static size_t text_add(char *buf, size_t len, size_t size, const char *word)
{
	size_t n = strlen(word);

	if (len + n + 2 > size)
		return len;
	if (len)
		buf[len++] = '|';
	memcpy(buf + len, word, n + 1);
	return len + n;
}

size_t mask_text(u32 mask, char *buf, size_t size)
{
	char hex[16];
	size_t len = 0;
	u32 rest = mask;

	buf[0] = 0;
	for (u32 left = mask; left; left &= left - 1) {
		int bit = __builtin_ctz(left);

		if (!mask_bits[bit])
			continue;
		len = text_add(buf, len, size, mask_bits[bit]);
		rest &= ~(1u << bit);
	}
	if (!rest && mask)
		return len;
	snprintf(hex, sizeof(hex), mask ? "0x%x" : "0", rest);
	return text_add(buf, len, size, hex);
}

static const char *name_at(const char *const *names, size_t n, u32 i)
{
	return i < n && names[i] ? names[i] : "?";
}

const char *ctl_op_name(u32 op)
{
	static const char *const names[] = { [1] = "ADD", [2] = "DEL", [3] = "MOD" };

	return name_at(names, ARRAY_SIZE(names), op);
}

const char *cb_outcome_name(u32 outcome)
{
	static const char *const names[] = {
		[CB_READY] = "ready",
		[CB_ALREADY] = "already",
		[CB_OVERFLOW] = "overflow",
		[CB_IGNORED] = "ignored",
	};

	return name_at(names, ARRAY_SIZE(names), outcome);
}

const char *context_name(u32 ctx)
{
	static const char *const names[] = {
		[CTX_UNKNOWN] = "unknown",
		[CTX_TASK] = "task",
		[CTX_SOFTIRQ] = "softirq",
		[CTX_HARDIRQ] = "hardirq",
	};

	return name_at(names, ARRAY_SIZE(names), ctx);
}

static const char *const event_names[] = {
	[EV_CREATE] = "create",   [EV_CTL] = "ctl",         [EV_CALLBACK] = "callback",
	[EV_WAKE] = "wake",       [EV_SCAN] = "scan",       [EV_WAIT] = "wait",
	[EV_RETURN] = "return",   [EV_DELIVER] = "deliver", [EV_RELEASE] = "release",
	[EV_DESTROY] = "destroy", [EV_EXIT] = "exit",       [EV_LOST] = "lost",
	[EV_COUNT] = "meta",
};

const char *event_name(u32 type)
{
	return name_at(event_names, ARRAY_SIZE(event_names), type);
}

enum ev_type event_by_name(const char *name)
{
	u32 type = 0;

	while (type < EV_COUNT && strcmp(event_names[type], name))
		type++;
	return (enum ev_type)type;
}

const char *event_help(u32 type)
{
	static const char *const help[] = {
		[EV_CREATE] = "a new instance (epoll_create, epoll_create1)",
		[EV_CTL] = "an epoll_ctl call that ended: item added, modified, deleted, or errno",
		[EV_CALLBACK] = "ep_poll_callback: a file reported readiness to an item",
		[EV_WAKE] = "a waiter was woken (ep_autoremove_wake_function)",
		[EV_SCAN] = "the ready list was scanned (ep_send_events)",
		[EV_WAIT] = "an epoll_wait, epoll_pwait or epoll_pwait2 begins",
		[EV_RETURN] = "and ends",
		[EV_DELIVER] = "one event of a return, as copied to user space",
		[EV_RELEASE] = "a close removed the item (eventpoll_release_file)",
		[EV_DESTROY] = "the instance is gone (ep_eventpoll_release)",
		[EV_EXIT] = "a thread that waited has ended",
		[EV_LOST] = "data was lost since the row before: how much (lost) and where",
		[EV_COUNT] = "first row: the wall-clock offset and the tiers, once",
	};

	return name_at(help, ARRAY_SIZE(help), type);
}

#define SKIPPED_NAME(hook, word) [LOSS_SKIPPED + HOOK_##hook] = "skipped-" word

const char *loss_name(u32 loss)
{
	static const char *const names[] = {
		[LOSS_RING] = "ring",
		[LOSS_INSTANCES] = "instances",
		[LOSS_ITEMS] = "items",
		[LOSS_THREADS] = "threads",
		[LOSS_WAKERS] = "wakers",
		[LOSS_DATA] = "data",
		[LOSS_DEAD] = "dead",
		[LOSS_UNATTRIBUTED] = "unattributed",
		[LOSS_LIST] = "list",
		[LOSS_READ] = "read",
		[LOSS_TARGETS] = "targets",
		[LOSS_RETURN] = "return",
		[LOSS_ROWS] = "rows",
		SKIPPED_NAME(CREATE, "create"),
		SKIPPED_NAME(CTL, "ctl"),
		SKIPPED_NAME(ITEM, "item"),
		SKIPPED_NAME(CALLBACK, "callback"),
		SKIPPED_NAME(WAKE, "wake"),
		SKIPPED_NAME(SEND, "send"),
		SKIPPED_NAME(WAIT, "wait"),
		SKIPPED_NAME(DELIVER, "deliver"),
		SKIPPED_NAME(RELEASE, "release"),
		SKIPPED_NAME(DESTROY, "destroy"),
		SKIPPED_NAME(EXIT, "exit"),
		SKIPPED_NAME(SNAPSHOT, "snapshot"),
		[LOSS_SKIPPED_FORK] = "skipped-fork",
	};

	return name_at(names, ARRAY_SIZE(names), loss);
}

const char *loss_help(u32 loss)
{
	static const char *const help[] = {
		[LOSS_RING] =
			"ring buffer full: rows of the trace are missing; raise --ring-size or "
			"choose fewer --events",
		[LOSS_INSTANCES] =
			"map of instances full: not seen at all, or only since there was "
			"room; raise --max-instances",
		[LOSS_ITEMS] = "map of items full: items have no counts of their own; raise "
			       "--max-items",
		[LOSS_THREADS] = "map of threads full: waits, or epoll_ctl calls, are not counted; "
				 "raise --max-threads",
		[LOSS_WAKERS] = "map of wakers full: wakeups have no waker; raise --max-wakers",
		[LOSS_DATA] = "map from user data to item full: delivered events lack their "
			      "descriptor; raise --max-items",
		[LOSS_DEAD] = "map of destroyed instances full: final figures are missing; shorten "
			      "the interval",
		[LOSS_UNATTRIBUTED] =
			"delivered events of items that share their user data, or whose "
			"data changed",
		[LOSS_LIST] = "a list was too long to count: put_back, left_over, overflowed are "
			      "lower bounds",
		[LOSS_READ] = "memory that should have been readable was not",
		[LOSS_TARGETS] = "map full: a process is watched late or not; raise --max-targets",
		[LOSS_RETURN] =
			"a return was missed, or its instance had gone: an epoll_ctl, a scan or a wait is not counted",
		[LOSS_ROWS] =
			"more instances ended in one interval than are kept: rows are missing; "
			"shorten it",
		[LOSS_SKIPPED_FORK] =
			"forks or new names that the kernel did not hand to BPF: watched late or not",
	};

	if (loss >= LOSS_SKIPPED && loss < LOSS_SKIPPED_FORK)
		return "calls that the kernel did not hand to BPF, which was at work on that CPU";
	return name_at(help, ARRAY_SIZE(help), loss);
}

const char *tier_name(u32 tier)
{
	static const char *const names[] = {
		[TIER_NONE] = "none",
		[TIER_BASIC] = "basic",
		[TIER_FULL] = "full",
	};

	return name_at(names, ARRAY_SIZE(names), tier);
}

const char *errno_text(s32 err, char *buf, size_t size)
{
	const char *name = err == INT32_MIN ? NULL : strerrorname_np(abs(err));

	if (name && err)
		return name;
	snprintf(buf, size, "%d", err);
	return buf;
}
