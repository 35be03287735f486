/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "log.h"

static char last_line[2048];
static enum log_level last_level;
static int lines;

static void keep_line(enum log_level level, const char *line)
{
	snprintf(last_line, sizeof(last_line), "%s", line);
	last_level = level;
	lines++;
}

static int reset(void **state)
{
	(void)state;
	log_set_level(LOG_WARN);
	log_set_sink(keep_line);
	last_line[0] = 0;
	lines = 0;
	return 0;
}

static int back_to_stderr(void **state)
{
	(void)state;
	log_set_sink(NULL);
	log_set_level(LOG_WARN);
	return 0;
}

static void sink_gets_level_and_text(void **state)
{
	(void)state;
	log_error("%s: %d", "file", 3);
	assert_string_equal(last_line, "file: 3");
	assert_int_equal(last_level, LOG_ERROR);
	log_warn("careful");
	assert_string_equal(last_line, "careful");
	assert_int_equal(last_level, LOG_WARN);
	assert_int_equal(lines, 2);
}

static void level_decides(void **state)
{
	(void)state;
	log_info("not at the start");
	log_debug("nor this");
	assert_int_equal(lines, 0);
	log_set_level(LOG_INFO);
	log_info("now");
	log_debug("not yet");
	assert_int_equal(lines, 1);
	log_set_level(LOG_DEBUG);
	log_debug("now too");
	assert_int_equal(lines, 2);
	log_set_level(LOG_ERROR);
	log_warn("no more");
	assert_int_equal(lines, 2);
}

static void one_line_each(void **state)
{
	(void)state;
	log_error("first\nsecond\n");
	assert_string_equal(last_line, "first");
	log_error("\n");
	assert_string_equal(last_line, "");
	assert_int_equal(lines, 2);
}

static void long_lines_are_cut(void **state)
{
	char text[4096];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	log_error("%s", text);
	assert_int_equal(strlen(last_line), 1023);
}

/* What the three calls write to stderr, read back from a temporary file. */
static void stderr_names_the_program(void **state)
{
	FILE *file = tmpfile();
	char text[256] = "";
	int saved;

	(void)state;
	assert_non_null(file);
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	assert_true(saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	log_set_sink(NULL);
	log_error("no such thing: 100%%");
	log_warn("odd\nmore");
	log_debug("unseen");
	fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	rewind(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, "epscope: no such thing: 100%\nepscope: warning: odd\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sink_gets_level_and_text, reset, back_to_stderr),
		cmocka_unit_test_setup_teardown(level_decides, reset, back_to_stderr),
		cmocka_unit_test_setup_teardown(one_line_each, reset, back_to_stderr),
		cmocka_unit_test_setup_teardown(long_lines_are_cut, reset, back_to_stderr),
		cmocka_unit_test_setup_teardown(stderr_names_the_program, reset, back_to_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
