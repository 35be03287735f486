/* SPDX-License-Identifier: GPL-2.0 */
/* The panes: what the figures on screen mean, and what keys make of them. */
#include "test_ui_screen.h"
#include "save.h"
#include "tables.h"

static void every_column_exists(void **state)
{
	(void)state;
	for (int list = 0; list < LIST_COUNT; list++) {
		const struct table *t = table_of_list((enum list_id)list);

		for (int i = 0; t && i < t->ncols; i++)
			if (!column_by_name(t->kind, t->cols[i].name))
				fail_msg("no column '%s'", t->cols[i].name);
		assert_true(!t || t->ncols <= TABLE_MAX_COLS);
	}
}

static void tree_in_red_and_black(void **state)
{
	(void)state;
	start();
	press("1");
	assert_shown(" 13 "); /* the root */
	assert_shown(" 18*"); /* red, and on the ready list */
	assert_int_equal(style_of("red-black rules hold"), ST_GOOD);
	assert_int_equal(cells_style(&screen, 7, 52), ST_NODE_BLACK);
	assert_int_equal(cells_style(&screen, 10, 28), ST_NODE_RED);
}

static void items_filtered_and_sorted(void **state)
{
	(void)state;
	start();
	press("3/event");
	assert_shown("filter: event   3 rows");
	assert_not_shown("127.0.0.1:6379");
	press("E>");
	/* By descriptor, the lowest first. */
	assert_true(find("     8 eventfd") < find("    10 eventfd"));
	press("I");
	assert_true(find("     8 eventfd") > find("    10 eventfd"));
	press("/zzz");
	assert_shown("none of 11 has 'eventzzz' in it");
}

static void unknown_is_a_dash(void **state)
{
	(void)state;
	target.basic = true;
	start();
	size(24, 200);
	assert_shown("4.00k/s          -   5.10k/s");
	assert_shown("basic tier: items, callbacks not known");
	assert_int_equal(style_of("WAIT/s"), ST_HEAD_BASIC);
	press("5");
	assert_shown("- not known on this kernel");
}

static void losses_are_always_seen(void **state)
{
	(void)state;
	target.lost = 77;
	start();
	assert_line(1, " LOST  ring 77");
	assert_int_equal(cells_style(&screen, 1, 40), ST_ALERT);
	press("?");
	assert_int_equal(style_of(" LOST "), ST_BAR_BAD);
	press("?3");
	assert_line(1, " LOST  ring 77");
}

static void waste_is_red(void **state)
{
	(void)state;
	start();
	assert_int_equal(style_of("4.00k/s"), ST_BAD);
	target.wasted = 0;
	for (u64 sample = 3; sample < 5; sample++)
		fx_sample(&target, sample);
	draw();
	assert_int_equal(cells_style(&screen, 1, 36), ST_GOOD);
}

static void state_of_the_run(void **state)
{
	(void)state;
	start();
	assert_int_equal(style_of(" LIVE"), ST_BAR_GOOD);
	frame.run = RUN_PAUSED;
	draw();
	assert_int_equal(style_of(" PAUSED"), ST_BAR_WARN);
	frame.end_text = "the end";
	draw();
	assert_line(22, " the end");
	frame.run = RUN_ENDED;
	draw();
	assert_int_equal(style_of(" ENDED"), ST_BAR_BAD);
	assert_line(22, " the end");
}

/* At the right end of the line of tiers, as much as has room there; all of it in the log. */
static void cost_is_shown(void **state)
{
	(void)state;
	start();
	assert_line(
		3,
		" full tier                cost BPF 1.25% CPU 0.75%  40.0k runs/s  30.0k bytes/s");
	size(24, 60);
	assert_line(3, " full tier                         cost BPF 1.25% CPU 0.75%");
	size(24, 120);
	press("L");
	size(60, 120);
	assert_shown(" BPF         1.25%    1.25%  of a core");
	assert_shown(" per run     312ns    312ns");
	assert_shown(" accounted   1.50%    1.50%");
}

static void cost_not_accounted(void **state)
{
	(void)state;
	target.refused = true;
	target.basic = true;
	start();
	assert_shown("cost BPF - CPU 0.75%");
	size(24, 44);
	assert_line(3, " basic tier: items, callbacks not known");
}

static void help_and_menu(void **state)
{
	(void)state;
	start();
	press("?");
	assert_shown("F10 q Ctrl-C    quit");
	press("G");
	assert_shown("HND99");
	press("?");
	state_key(&ui, UIKEY_F0 + 6);
	draw();
	assert_shown("SORT BY");
	press("jjE");
	assert_int_equal(style_of("COMMAND"), ST_HEAD_SORT);
	press("L");
	assert_shown("callback  full  fentry");
}

static void every_screen_at_every_size(void **state)
{
	static const char *const screens[] = { "", "1", "2", "3", "4", "5", "?", "?L" };

	(void)state;
	target.items = 70;
	start();
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
		state_init(&ui);
		size(24, 80);
		press(screens[i]);
		for (int rows = 1; rows <= 60; rows += rows < 14 ? 1 : 9)
			for (int cols = 1; cols <= 240; cols += cols < 44 ? 3 : 23)
				size(rows, cols);
		size(24, 80);
		assert_shown("F10Quit");
	}
}

static void saved_text_has_all_tables(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	start();
	press("3");
	save_text(out, &screen, &frame);
	fclose(out);
	assert_non_null(strstr(text, " epscope  #1 redis-server(1234) epfd 5"));
	assert_non_null(strstr(text, "== instances: 3 =="));
	assert_non_null(strstr(text, "== items of the open instance: 11 =="));
	assert_non_null(strstr(text, "0xffff888a00001400"));
	assert_non_null(strstr(text, "== wakers: 2 =="));
	assert_non_null(strstr(text, "== threads: 1 =="));
	assert_non_null(strstr(text, "callback  full   fentry"));
	free(text);
}

static void nothing_is_claimed_before_the_first_sample(void **state)
{
	(void)state;
	target.instances = 0;
	start();
	model_free(model);
	frame.model = model = model_new();
	assert_non_null(model);
	draw();
	assert_line(3, " waiting for the first sample");
	size(24, 200);
	assert_not_shown("every 0 ms");
}

static void closed_instances_stand_last(void **state)
{
	struct ep_instance rec = { .id = FX_ID(0), .died_ns = 1, .epfd = 5 };
	struct rec_tick tick = { fx_time(3) };

	(void)state;
	start();
	strcpy(rec.comm, "redis-server");
	fx_emit(&target, REC_INSTANCE, &rec, sizeof(rec));
	fx_emit(&target, REC_TICK, &tick, sizeof(tick));
	press("Ik");
	/* By number, then by command: the closed one is last in every order. */
	for (int i = 0; i < 2; i++, press(">")) {
		assert_true(find(" postgres ") < find(" closed "));
		assert_true(find(" nginx ") < find(" closed "));
	}
	assert_int_equal(style_of(" closed "), ST_DIM);
}

static void wakeups_taken_back_are_left_out(void **state)
{
	struct rec_waker waker = { .key = { FX_ID(0), 77, 1234, CTX_TASK, 0 } };

	(void)state;
	start();
	strcpy(waker.st.comm, "ghost");
	fx_emit(&target, REC_WAKER, &waker, sizeof(waker));
	press("4");
	assert_not_shown("ghost");
	assert_shown("client");
}

static void removed_items_are_left_out(void **state)
{
	struct rec_item gone = { .key = { FX_ID(0), fx_file(0, 90), 90, 0 } };
	struct rec_item added = { .key = { FX_ID(0), fx_file(0, 91), 91, 0 } };

	(void)state;
	start();
	gone.st.added_ns = FX_START;
	added.st.added_ns = fx_time(2) + 1;
	fx_emit(&target, REC_ITEM, &gone, sizeof(gone));
	fx_emit(&target, REC_ITEM, &added, sizeof(added));
	press("3");
	assert_not_shown("    90 -");
	assert_shown("    91 -");
}

static void wide_screen_shows_more(void **state)
{
	(void)state;
	start();
	size(50, 200);
	assert_line(
		4,
		"  # COMMAND          PID EPFD  ITEMS DEPTH READY  PEAK OVFL WAITERS WAIT/s   CB/s "
		"DELIV/s WOKEN/s WASTE/s PUTBK/s  RDY50  RDY99  HND50  HND99 READY LIST");
	assert_shown("epoll_ctl");
	press("1");
	/* Tree and ready list side by side. */
	assert_shown("depth limit 2·log2(n+1) = 7.2");
	assert_shown("eventfd  IN|RDHUP        1.00ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_exists),
		cmocka_unit_test_setup_teardown(wide_screen_shows_more, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_claimed_before_the_first_sample, setup,
						teardown),
		cmocka_unit_test_setup_teardown(closed_instances_stand_last, setup, teardown),
		cmocka_unit_test_setup_teardown(wakeups_taken_back_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(removed_items_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(tree_in_red_and_black, setup, teardown),
		cmocka_unit_test_setup_teardown(items_filtered_and_sorted, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_is_a_dash, setup, teardown),
		cmocka_unit_test_setup_teardown(losses_are_always_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(waste_is_red, setup, teardown),
		cmocka_unit_test_setup_teardown(state_of_the_run, setup, teardown),
		cmocka_unit_test_setup_teardown(cost_is_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(cost_not_accounted, setup, teardown),
		cmocka_unit_test_setup_teardown(help_and_menu, setup, teardown),
		cmocka_unit_test_setup_teardown(every_screen_at_every_size, setup, teardown),
		cmocka_unit_test_setup_teardown(saved_text_has_all_tables, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
