/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "csv.h"
#include "json.h"

static struct out out;

/* What gathered in the buffer, as a string; the buffer is empty then. */
static const char *taken(void)
{
	out_char(&out, 0);
	out.len = 0;
	return out.buf;
}

static void test_csv_quoting(void **state)
{
	(void)state;
	csv_text(&out, "plain text");
	assert_string_equal(taken(), "plain text");
	csv_text(&out, "");
	assert_string_equal(taken(), "");
	csv_text(&out, "a,b");
	assert_string_equal(taken(), "\"a,b\"");
	csv_text(&out, "say \"x\"\"");
	assert_string_equal(taken(), "\"say \"\"x\"\"\"\"\"");
	csv_text(&out, "two\nlines\r");
	assert_string_equal(taken(), "\"two\nlines\r\"");
}

static void test_json_text(void **state)
{
	(void)state;
	json_text(&out, "a\"b\\c");
	assert_string_equal(taken(), "\"a\\\"b\\\\c\"");
	json_text(&out, "\n\x7f\x01");
	assert_string_equal(taken(), "\"\\u000a\\u007f\\u0001\"");
	json_text(&out, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
	assert_string_equal(taken(), "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
	json_text(&out, "\xff|\xc3|\xc0\x80|\xed\xa0\x80");
	assert_string_equal(taken(), "\"\\ufffd|\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd\"");
}

static void check(struct value v, const char *csv, const char *json, const char *screen)
{
	char buf[160];

	csv_value(&out, &v);
	assert_string_equal(taken(), csv);
	value_exact(&v, buf, sizeof(buf));
	if (v.kind != VAL_TEXT)
		assert_string_equal(buf, csv);
	json_value(&out, &v);
	assert_string_equal(taken(), json);
	value_screen(&v, buf, sizeof(buf));
	assert_string_equal(buf, screen);
}

static void test_values(void **state)
{
	(void)state;
	check((struct value){ .kind = VAL_UNKNOWN }, "", "null", "-");
	check((struct value){ .kind = VAL_INT, .i = -17 }, "-17", "-17", "-17");
	check((struct value){ .kind = VAL_INT, .i = INT64_MIN }, "-9223372036854775808",
	      "-9223372036854775808", "-9.22E");
	check((struct value){ .kind = VAL_UINT, .u = UINT64_MAX }, "18446744073709551615",
	      "18446744073709551615", "9.22E");
	check((struct value){ .kind = VAL_UINT, .u = 999999 }, "999999", "999999", "999999");
	check((struct value){ .kind = VAL_UINT, .u = 12345678 }, "12345678", "12345678", "12.3M");
	check((struct value){ .kind = VAL_HEX, .u = 0x80000001 }, "0x80000001", "\"0x80000001\"",
	      "0x80000001");
	check((struct value){ .kind = VAL_HEX, .u = 0 }, "0x0", "\"0x0\"", "0x0");
	check((struct value){ .kind = VAL_TEXT, .text = "a,\"\x1b[0m" }, "\"a,\"\"\x1b[0m\"",
	      "\"a,\\\"\\u001b[0m\"", "a,\"?[0m");
}

static void test_scaled(void **state)
{
	(void)state;
	check((struct value){ .kind = VAL_NS, .u = 0 }, "0", "0", "0ns");
	check((struct value){ .kind = VAL_NS, .u = 999 }, "999", "999", "999ns");
	check((struct value){ .kind = VAL_NS, .u = 1000 }, "1000", "1000", "1.00us");
	check((struct value){ .kind = VAL_NS, .u = 12345 }, "12345", "12345", "12.3us");
	check((struct value){ .kind = VAL_NS, .u = 999600 }, "999600", "999600", "1.00ms");
	check((struct value){ .kind = VAL_NS, .u = 123456789012 }, "123456789012", "123456789012",
	      "123s");
	check((struct value){ .kind = VAL_REAL, .r = 0 }, "0.000", "0.000", "0");
	check((struct value){ .kind = VAL_REAL, .r = 0.25 }, "0.250", "0.250", "0.2");
	check((struct value){ .kind = VAL_REAL, .r = 9.96 }, "9.960", "9.960", "10");
	check((struct value){ .kind = VAL_REAL, .r = 123456.7891 }, "123456.789", "123456.789",
	      "123k");
	check((struct value){ .kind = VAL_REAL, .r = -1.5 }, "-1.500", "-1.500", "-2");
}

static void test_compare(void **state)
{
	struct value none = { .kind = VAL_UNKNOWN }, three = { .kind = VAL_UINT, .u = 3 },
		     big = { .kind = VAL_UINT, .u = UINT64_MAX },
		     minus = { .kind = VAL_INT, .i = -3 }, real = { .kind = VAL_REAL, .r = 3.5 },
		     a = { .kind = VAL_TEXT, .text = "a" }, b = { .kind = VAL_TEXT, .text = "b" };

	(void)state;
	assert_true(value_compare(&none, &three) > 0);
	assert_true(value_compare(&three, &none) < 0);
	assert_int_equal(value_compare(&none, &none), 0);
	assert_true(value_compare(&three, &big) < 0); /* by subtraction it would be the other way */
	assert_true(value_compare(&minus, &three) < 0);
	assert_true(value_compare(&real, &three) > 0);
	assert_true(value_compare(&a, &b) < 0);
	assert_int_equal(value_compare(&a, &a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_quoting), cmocka_unit_test(test_json_text),
		cmocka_unit_test(test_values),      cmocka_unit_test(test_scaled),
		cmocka_unit_test(test_compare),
	};
	int failed;

	out_init(&out, stdout);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	out_free(&out);
	return failed;
}
