/* SPDX-License-Identifier: GPL-2.0 */
/* --help, --version and the table they are made from. */
#include <unistd.h>
#include "test_options_parse.h"
#include "version.h"

/* What parsing text writes to stdout. */
static void output_of(const char *text, char *out, size_t size)
{
	FILE *file = tmpfile();
	struct options o;
	size_t len;
	int saved, ret;

	assert_non_null(file);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_true(saved >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
	ret = parse(&o, text);
	fflush(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	rewind(file);
	len = fread(out, 1, size - 1, file);
	out[len] = 0;
	fclose(file);
	assert_int_equal(ret, EXIT_OK);
	assert_int_equal(messages, 0);
}

static void help_and_version(void **state)
{
	static const char *const ways[] = { "--help", "-h", "stat -h", "-a --help --frobnicate" };
	const struct option_row *row;
	char text[8192], name[64];
	size_t n;

	(void)state;
	row = option_rows(&n);
	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		output_of(ways[w], text, sizeof(text));
		for (size_t i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "--%s%s%s", row[i].name, row[i].arg ? " " : "",
				 row[i].arg ? row[i].arg : "");
			assert_non_null(strstr(text, name));
		}
		assert_non_null(strstr(text, "Examples:"));
		assert_non_null(strstr(text, "Exit status:"));
	}
	output_of("--version", text, sizeof(text));
	assert_string_equal(text, "epscope " EPSCOPE_VERSION "\n");
	output_of("-V", text, sizeof(text));
	assert_string_equal(text, "epscope " EPSCOPE_VERSION "\n");
}

/* The parser keeps room for so many rows, and short names must not meet. */
static void table_is_sound(void **state)
{
	const struct option_row *row;
	size_t n;

	(void)state;
	row = option_rows(&n);
	assert_true(n > 0 && n <= 36);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(row[i].set);
		assert_true(row[i].key != 'h' && row[i].key != 'V');
		for (size_t j = 0; j < i; j++) {
			assert_true(!row[i].key || row[i].key != row[j].key);
			assert_true(strcmp(row[i].name, row[j].name) != 0);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(table_is_sound),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
