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

/* Whether it lists the options of the commands in mask, and no others. */
static void assert_lists(const char *text, unsigned mask)
{
	const struct option_row *row;
	char name[64];
	size_t n;

	row = option_rows(&n);
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), " --%s%s%s ", row[i].name, row[i].arg ? " " : "",
			 row[i].arg ? row[i].arg : "");
		if (!strstr(text, name) != !(row[i].commands & mask))
			fail_msg("%s: %s", row[i].name, text);
	}
	assert_non_null(strstr(text, "\nExamples:\n  "));
	assert_non_null(strstr(text, "\nExit status:\n    0  "));
}

static void general_help(void **state)
{
	static const char *const ways[] = { "--help", "-h", "-a --help --frobnicate" };
	char text[8192];

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		output_of(ways[i], text, sizeof(text));
		assert_lists(text, FOR_ALL);
		for (enum command c = CMD_TOP; c <= CMD_SCHEMA; c++)
			assert_non_null(strstr(text, command_name(c)));
	}
}

static void help_of_commands(void **state)
{
	char text[8192], words[32];

	(void)state;
	for (enum command c = CMD_TOP; c <= CMD_SCHEMA; c++) {
		snprintf(words, sizeof(words), "%s --help", command_name(c));
		output_of(words, text, sizeof(text));
		assert_lists(text, FOR(c));
		snprintf(words, sizeof(words), "Usage: epscope %s ", command_name(c));
		assert_non_null(strstr(text, words));
	}
}

static void version(void **state)
{
	char text[64];

	(void)state;
	output_of("--version", text, sizeof(text));
	assert_string_equal(text, "epscope " EPSCOPE_VERSION "\n");
	output_of("-V", text, sizeof(text));
	assert_string_equal(text, "epscope " EPSCOPE_VERSION "\n");
}

/* Help that did not arrive is a failure. */
static void disk_full(void **state)
{
	struct options o;
	int saved, ret;

	(void)state;
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_true(saved >= 0 && freopen("/dev/full", "w", stdout));
	ret = parse(&o, "--help");
	clearerr(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	assert_int_equal(ret, EXIT_OUTPUT);
	assert_int_equal(messages, 1);
	assert_non_null(strstr(message, "No space left"));
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
		cmocka_unit_test(general_help),   cmocka_unit_test(help_of_commands),
		cmocka_unit_test(version),        cmocka_unit_test(disk_full),
		cmocka_unit_test(table_is_sound),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
