/* SPDX-License-Identifier: GPL-2.0 */
/* ui/message.c: what is logged while the screen is taken is kept, shown and repeated. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "clock.h"
#include "message.h"

static void newest_is_shown_for_a_while(void **state)
{
	u64 now;

	(void)state;
	messages_start();
	assert_null(message_fresh(clock_mono_ns()));
	log_warn("first");
	message_say(LOG_INFO, "second %d", 2);
	now = clock_mono_ns();
	assert_string_equal(message_fresh(now)->text, "second 2");
	assert_null(message_fresh(now + MESSAGE_NS));
	assert_int_equal(messages_count(), 2);
	assert_string_equal(message_at(0)->text, "first");
	messages_stop();
}

static void debug_stays_in_the_log(void **state)
{
	(void)state;
	messages_start();
	log_set_level(LOG_DEBUG);
	log_warn("seen");
	log_debug("noise");
	assert_string_equal(message_fresh(clock_mono_ns())->text, "seen");
	assert_int_equal(messages_count(), 2);
	log_set_level(LOG_WARN);
	messages_stop();
}

static void old_ones_make_room(void **state)
{
	(void)state;
	messages_start();
	for (int i = 0; i < MESSAGES_KEPT + 7; i++)
		message_say(LOG_INFO, "message %d", i);
	assert_int_equal(messages_count(), MESSAGES_KEPT);
	assert_string_equal(message_at(0)->text, "message 7");
	assert_string_equal(message_at(MESSAGES_KEPT - 1)->text, "message 206");
	messages_stop();
}

/* Errors and warnings must not vanish with the screen; answers to keys may. */
static void warnings_come_out_at_the_end(void **state)
{
	char text[512] = "";
	int saved = dup(STDERR_FILENO), pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	messages_start();
	log_warn("kept");
	message_say(LOG_WARN, "answer");
	dup2(pipes[1], STDERR_FILENO);
	messages_stop();
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(pipes[1]);
	assert_true(read(pipes[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "kept"));
	assert_null(strstr(text, "answer"));
	close(pipes[0]);
	close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_is_shown_for_a_while),
		cmocka_unit_test(debug_stays_in_the_log),
		cmocka_unit_test(old_ones_make_room),
		cmocka_unit_test(warnings_come_out_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
