/* SPDX-License-Identifier: GPL-2.0 */
/* A command line given as one text, and what parsing it says. */
#ifndef TESTS_OPTIONS_PARSE_H
#define TESTS_OPTIONS_PARSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "exit_codes.h"
#include "log.h"
#include "options_table.h"

#define ARGS_MAX 16

/* What was parsed last: options point into it. Writable, as argv is: --mech cuts its argument. */
static char line[1024];
static char *args[ARGS_MAX];
static char message[1024];
static int messages;

static inline void keep_message(enum log_level level, const char *text)
{
	assert_int_equal(level, LOG_ERROR);
	snprintf(message, sizeof(message), "%s", text);
	messages++;
}

static inline int setup(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	log_set_sink(keep_message);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	log_set_sink(NULL);
	return 0;
}

/* Parses "epscope" and the words of text; '' is an empty word. */
static inline int parse(struct options *o, const char *text)
{
	char *word, *save = NULL;
	int argc = 0;

	snprintf(line, sizeof(line), "epscope %s", text);
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_true(argc < ARGS_MAX - 1);
		args[argc++] = strcmp(word, "''") ? word : word + 2;
	}
	args[argc] = NULL;
	message[0] = 0;
	messages = 0;
	return options_parse(o, argc, args);
}

static inline void good(struct options *o, const char *text)
{
	int ret = parse(o, text);

	if (ret != -1 || messages)
		fail_msg("'%s': %d, %s", text, ret, message);
}

/* Wrong use: the status, and one line that names the matter and what to do. */
static inline void bad(const char *text, const char *part)
{
	struct options o;
	int ret = parse(&o, text);

	if (ret != EXIT_USAGE || messages != 1 || !strstr(message, part))
		fail_msg("'%s': %d, %d messages, '%s'", text, ret, messages, message);
}

#endif
