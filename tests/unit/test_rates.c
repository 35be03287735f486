/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "rates.h"

static void test_rate(void **state)
{
	(void)state;
	assert_true(rate_per_second(300, 100, 2000000000) == 100.0);
	assert_true(rate_per_second(100, 100, 1000000000) == 0);
	assert_true(rate_per_second(5, 9, 1000000000) == 0); /* fell: a new owner of the counter */
	assert_true(rate_per_second(5, 0, 0) == 0);
	assert_int_equal(total_diff(UINT64_MAX, 1), UINT64_MAX - 1);
	assert_int_equal(total_diff(1, 2), 0);
}

static void test_percentile(void **state)
{
	u64 h[HIST_SLOTS] = { 0 };

	(void)state;
	assert_int_equal(hist_percentile(h, 0.5, UINT64_MAX), 0);
	h[10] = 100; /* 1024 .. 2047 */
	assert_int_equal(hist_percentile(h, 0, UINT64_MAX), 1024);
	assert_int_equal(hist_percentile(h, 0.5, UINT64_MAX), 1536);
	assert_int_equal(hist_percentile(h, 1, UINT64_MAX), 2048);
	h[20] = 100; /* 1 Mi .. 2 Mi */
	assert_int_equal(hist_percentile(h, 0.5, UINT64_MAX), 2048);
	assert_int_equal(hist_percentile(h, 0.75, UINT64_MAX), (1 << 20) + (1 << 19));
}

static void test_percentile_edges(void **state)
{
	u64 low[HIST_SLOTS] = { [0] = 4 }, high[HIST_SLOTS] = { [HIST_SLOTS - 1] = 4 };
	u64 huge[HIST_SLOTS] = { [3] = UINT64_MAX / 2 };

	(void)state;
	assert_int_equal(hist_percentile(low, 0.5, UINT64_MAX), 1);
	assert_int_equal(hist_percentile(high, 1, UINT64_MAX), 1ULL << HIST_SLOTS);
	assert_in_range(hist_percentile(huge, 0.99, UINT64_MAX), 8, 16);
}

/* Never above the largest value; one below the highest slot that is in use cannot be it. */
static void test_percentile_max(void **state)
{
	u64 h[HIST_SLOTS] = { [1] = 10, [2] = 90 };

	(void)state;
	assert_int_equal(hist_percentile(h, 0.99, 5), 5);
	assert_int_equal(hist_percentile(h, 0.05, 5), 3);
	assert_int_equal(hist_percentile(h, 1, 100), 8);
	assert_int_equal(hist_percentile(h, 1, 3), 8);
}

/* Every percentile of values that are known lies within a factor of two of the exact one. */
static void test_percentile_bound(void **state)
{
	u64 h[HIST_SLOTS] = { 0 }, exact, got;

	(void)state;
	for (u64 v = 1; v <= 10000; v++)
		h[63 - __builtin_clzll(v)]++;
	for (u64 k = 1; k <= 100; k++) {
		exact = k * 100;
		got = hist_percentile(h, (double)k / 100, UINT64_MAX);
		assert_true(got >= exact / 2 && got <= exact * 2);
	}
}

static void test_diff(void **state)
{
	u64 now[HIST_SLOTS] = { 5, 7 }, prev[HIST_SLOTS] = { 2, 9 }, out[HIST_SLOTS];

	(void)state;
	hist_diff(now, prev, out);
	assert_int_equal(out[0], 3);
	assert_int_equal(out[1], 0);
	assert_int_equal(hist_sum(out), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_percentile),
		cmocka_unit_test(test_percentile_edges),
		cmocka_unit_test(test_percentile_max),
		cmocka_unit_test(test_percentile_bound),
		cmocka_unit_test(test_diff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
