/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "parse_num.h"

#define UNTOUCHED 0xabcdefu

struct number {
	const char *text;
	int ret;
	u64 value;
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void check_numbers(const struct number *t, size_t n, u64 max,
			  int (*parse)(const char *text, u64 max, u64 *out))
{
	u64 out;

	for (size_t i = 0; i < n; i++) {
		int ret;

		out = UNTOUCHED;
		ret = parse(t[i].text, max, &out);
		if (ret != t[i].ret || out != (ret ? UNTOUCHED : t[i].value))
			fail_msg("'%s': returned %d with %llu", t[i].text, ret,
				 (unsigned long long)out);
	}
}

static int parse_5_to_max(const char *text, u64 max, u64 *out)
{
	return parse_u64(text, 5, max, out);
}

static void u64_takes_the_whole_text(void **state)
{
	static const struct number t[] = {
		{ "5", 0, 5 },
		{ "00042", 0, 42 },
		{ "1000", 0, 1000 },
		{ "", -EINVAL, 0 },
		{ " 7", -EINVAL, 0 },
		{ "7 ", -EINVAL, 0 },
		{ "+7", -EINVAL, 0 },
		{ "-7", -EINVAL, 0 },
		{ "7x", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "7.5", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "x", -EINVAL, 0 },
		{ "4", -ERANGE, 0 },
		{ "0", -ERANGE, 0 },
		{ "1001", -ERANGE, 0 },
		{ "18446744073709551615", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
	};

	(void)state;
	check_numbers(t, COUNT(t), 1000, parse_5_to_max);
}

static void u64_reaches_the_last_value(void **state)
{
	static const struct number t[] = {
		{ "18446744073709551615", 0, ULLONG_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "18446744073709551620", -ERANGE, 0 },
	};

	(void)state;
	check_numbers(t, COUNT(t), ULLONG_MAX, parse_5_to_max);
}

static void duration_units(void **state)
{
	static const struct number t[] = {
		{ "0", 0, 0 },
		{ "2", 0, 2000000000 },
		{ "2s", 0, 2000000000 },
		{ "100ms", 0, 100000000 },
		{ "7us", 0, 7000 },
		{ "9ns", 0, 9 },
		{ "3m", 0, 180000000000ULL },
		{ "1h", 0, 3600000000000ULL },
		{ "3600s", 0, 3600000000000ULL },
		{ "3601s", -ERANGE, 0 },
		{ "2h", -ERANGE, 0 },
		{ "3600000000001ns", -ERANGE, 0 },
		{ "99999999999999999h", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "1 s", -EINVAL, 0 },
		{ "1S", -EINVAL, 0 },
		{ "1sec", -EINVAL, 0 },
		{ "1.5s", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "1m30s", -EINVAL, 0 },
	};

	(void)state;
	check_numbers(t, COUNT(t), 3600000000000ULL, parse_duration);
}

static void size_units(void **state)
{
	static const struct number t[] = {
		{ "0", 0, 0 },
		{ "4096", 0, 4096 },
		{ "4k", 0, 4096 },
		{ "4K", 0, 4096 },
		{ "8M", 0, 8 << 20 },
		{ "1G", 0, 1 << 30 },
		{ "2G", -ERANGE, 0 },
		{ "1025M", -ERANGE, 0 },
		{ "18446744073709551615G", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "M", -EINVAL, 0 },
		{ "8m", -EINVAL, 0 },
		{ "8MB", -EINVAL, 0 },
		{ "8 M", -EINVAL, 0 },
		{ "1T", -EINVAL, 0 },
	};

	(void)state;
	check_numbers(t, COUNT(t), 1 << 30, parse_size);
}

static void pids_append(void **state)
{
	int pids[4] = { 0 }, n = 0;
	const char *bad = NULL;

	(void)state;
	assert_int_equal(parse_pids("12", pids, &n, 4, &bad), 0);
	assert_int_equal(parse_pids("3,2147483647", pids, &n, 4, &bad), 0);
	assert_int_equal(n, 3);
	assert_int_equal(pids[0], 12);
	assert_int_equal(pids[1], 3);
	assert_int_equal(pids[2], INT_MAX);
}

static void pids_have_room(void **state)
{
	int pids[3] = { 0, 0, 77 }, n = 0;
	const char *bad = NULL;

	(void)state;
	assert_int_equal(parse_pids("1,2,3", pids, &n, 2, &bad), -ENOSPC);
	assert_int_equal(n, 2);
	assert_int_equal(pids[2], 77);
}

static void pids_say_where(void **state)
{
	static const struct {
		const char *text, *bad;
		int ret;
	} t[] = {
		{ "", "", -EINVAL },         { "abc", "abc", -EINVAL },
		{ "12abc", "abc", -EINVAL }, { "1,", "", -EINVAL },
		{ ",1", ",1", -EINVAL },     { "1,,2", ",2", -EINVAL },
		{ "1, 2", " 2", -EINVAL },   { "-1", "-1", -EINVAL },
		{ "0", NULL, -ERANGE },      { "2147483648", NULL, -ERANGE },
		{ "1;2", ";2", -EINVAL },    { "99999999999999999999999", NULL, -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		int pids[4], n = 0;
		const char *bad = NULL;

		assert_int_equal(parse_pids(t[i].text, pids, &n, 4, &bad), t[i].ret);
		assert_non_null(bad);
		if (t[i].bad)
			assert_string_equal(bad, t[i].bad);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64_takes_the_whole_text),
		cmocka_unit_test(u64_reaches_the_last_value),
		cmocka_unit_test(duration_units),
		cmocka_unit_test(size_units),
		cmocka_unit_test(pids_append),
		cmocka_unit_test(pids_have_room),
		cmocka_unit_test(pids_say_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
