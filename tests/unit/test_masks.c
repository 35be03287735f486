/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include "masks.h"
#include "records.h"

static void check(u32 mask, const char *want)
{
	char buf[MASK_TEXT_LEN];

	assert_int_equal(mask_text(mask, buf, sizeof(buf)), strlen(want));
	assert_string_equal(buf, want);
}

static void test_masks(void **state)
{
	(void)state;
	check(0, "0");
	check(EPOLLIN, "IN");
	check(EPOLLIN | EPOLLET, "IN|ET");
	check(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLONESHOT, "IN|OUT|RDHUP|ONESHOT");
	check(EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLIN, "IN|EXCLUSIVE|WAKEUP");
	check(EPOLLERR | EPOLLHUP | EPOLLPRI, "PRI|ERR|HUP");
	check(EPOLLIN | 0x100000, "IN|0x100000");
	check(0x100000, "0x100000");
}

/* The longest mask fits, and each name is that of <sys/epoll.h>. */
static void test_all_bits(void **state)
{
	char buf[MASK_TEXT_LEN];

	(void)state;
	check(0xffffffff, "IN|PRI|OUT|ERR|HUP|NVAL|RDNORM|RDBAND|WRNORM|WRBAND|MSG|RDHUP|FREE|"
			  "URING_WAKE|EXCLUSIVE|WAKEUP|ONESHOT|ET|0x7ff9800");
	check(EPOLLRDNORM | EPOLLRDBAND | EPOLLWRNORM | EPOLLWRBAND | EPOLLMSG,
	      "RDNORM|RDBAND|WRNORM|WRBAND|MSG");
	mask_text(0xffffffff, buf, 8); /* too short: cut between names, not behind the buffer */
	assert_string_equal(buf, "IN|PRI");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ctl_op_name(EPOLL_CTL_ADD), "ADD");
	assert_string_equal(ctl_op_name(EPOLL_CTL_DEL), "DEL");
	assert_string_equal(ctl_op_name(EPOLL_CTL_MOD), "MOD");
	assert_string_equal(ctl_op_name(0), "?");
	assert_string_equal(ctl_op_name(99), "?");
	assert_string_equal(cb_outcome_name(CB_OVERFLOW), "overflow");
	assert_string_equal(cb_outcome_name(99), "?");
	assert_string_equal(context_name(CTX_SOFTIRQ), "softirq");
	assert_string_equal(tier_name(TIER_BASIC), "basic");
	assert_string_equal(tier_name(3), "?");
}

/* No number of ours lacks a name, a sentence, or is found under another. */
static void test_complete(void **state)
{
	(void)state;
	for (u32 i = 0; i < EV_COUNT; i++) {
		assert_string_not_equal(event_name(i), "?");
		assert_string_not_equal(event_help(i), "?");
		assert_int_equal(event_by_name(event_name(i)), i);
	}
	assert_int_equal(event_by_name("nonsense"), EV_COUNT);
	assert_int_equal(event_by_name(""), EV_COUNT);
	for (u32 i = 0; i < LOSS_COUNT; i++) {
		assert_string_not_equal(loss_name(i), "?");
		assert_string_not_equal(loss_help(i), "?");
	}
	assert_string_equal(loss_name(LOSS_COUNT), "?");
}

static void test_errno(void **state)
{
	char buf[16];

	(void)state;
	assert_string_equal(errno_text(-EINTR, buf, sizeof(buf)), "EINTR");
	assert_string_equal(errno_text(EEXIST, buf, sizeof(buf)), "EEXIST");
	assert_string_equal(errno_text(-5000, buf, sizeof(buf)), "-5000");
	assert_string_equal(errno_text(INT32_MIN, buf, sizeof(buf)), "-2147483648");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masks), cmocka_unit_test(test_all_bits),
		cmocka_unit_test(test_names), cmocka_unit_test(test_complete),
		cmocka_unit_test(test_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
