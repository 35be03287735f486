/* SPDX-License-Identifier: GPL-2.0 */
/* What the lab reads of its programs, and how it judges. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"
#include "lab_text.h"

static void lines_of_a_program(void **state)
{
	struct lab_truth t = { 0 };

	(void)state;
	assert_int_equal(lab_truth_line(&t, "rounds=50"), 0);
	assert_int_equal(lab_truth_line(&t, "left_over=-3"), 0);
	assert_int_equal(lab_truth_line(&t, "instance=lt pid=12 epfd=5 nth=1"), 0);
	assert_int_equal(lab_truth_line(&t, "phase=empty at=123456789012345"), 0);
	assert_int_equal(lab_truth_line(&t, "say=two words, = and all"), 0);
	assert_int_equal(t.nnumbers, 2);
	assert_int_equal(t.numbers[1].value, -3);
	assert_int_equal(t.ninstances, 1);
	assert_string_equal(t.instances[0].name, "lt");
	assert_int_equal(t.instances[0].nth, 1);
	assert_int_equal(t.phases[0].begin_ns, 123456789012345);
	assert_string_equal(t.says[0], "two words, = and all");
	lab_truth_free(&t);
}

static void lines_of_another_form(void **state)
{
	static const char *const bad[] = { "",
					   "rounds",
					   "rounds=",
					   "rounds=5x",
					   "rounds=5 6",
					   "Rounds=5",
					   "instance=lt epfd=5",
					   "phase=x at=" };
	struct lab_truth t = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (lab_truth_line(&t, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	assert_int_equal(t.nnumbers + t.ninstances + t.nphases + t.nsays, 0);
}

static void many_lines(void **state)
{
	struct lab_truth t = { 0 };
	char line[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "n%d=%d", i, i * 3);
		assert_int_equal(lab_truth_line(&t, line), 0);
	}
	assert_int_equal(t.nnumbers, 1000);
	assert_int_equal(t.numbers[999].value, 2997);
	lab_truth_free(&t);
}

static void numbers_of_a_row(void **state)
{
	struct lab_run run = { 0 };
	static const enum lab_holds want[] = {
		LAB_HOLDS, LAB_WRONG, LAB_UNKNOWN, LAB_WRONG, LAB_WRONG, LAB_UNKNOWN, LAB_HOLDS,
		LAB_WRONG, LAB_HOLDS, LAB_WRONG,   LAB_HOLDS, LAB_WRONG, LAB_WRONG,   LAB_UNKNOWN,
	};
	size_t unknown;

	(void)state;
	lab_equal(&run, "equal", 3, 3);
	lab_equal(&run, "not equal", 3, 4);
	lab_equal(&run, "unknown", 3, UNKNOWN_S64);
	lab_equal(&run, "missing", 3, LAB_MISSING);
	lab_equal(&run, "expected nothing that is there", LAB_MISSING, LAB_MISSING);
	lab_equal(&run, "expected is unknown", UNKNOWN_S64, UNKNOWN_S64);
	lab_between(&run, "between", 3, 5, 5);
	lab_between(&run, "above", 3, 5, 6);
	lab_at_least(&run, "at least", 3, 3);
	lab_at_least(&run, "less", 3, 2);
	lab_at_most(&run, "at most", 3, 3);
	lab_at_most(&run, "more", 3, 4);
	lab_at_least(&run, "at least a missing one", LAB_MISSING, 4);
	lab_at_most(&run, "at most an unknown one", UNKNOWN_S64, 4);
	assert_int_equal(run.nrows, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < run.nrows; i++)
		if (run.rows[i].holds != want[i])
			fail_msg("%s: %d", run.rows[i].what, run.rows[i].holds);
	assert_int_equal(lab_wrong(&run, &unknown), 7);
	assert_int_equal(unknown, 3);
	assert_string_equal(run.rows[2].measured, "-");
	assert_string_equal(run.rows[3].measured, "missing");
	assert_string_equal(run.rows[6].expected, "3 to 5");
	lab_run_free(&run);
}

/* A model of two instances with the same descriptor, one after the other, and one of another. */
static struct m_instance insts[3];
static const struct model model = { .inst = insts, .ninst = 3 };
static const struct lab_instance named[] = {
	{ "worker0", 7, 4, 0 },
	{ "worker1", 7, 4, 1 },
	{ "other", 8, 4, 0 },
	{ "never", 8, 9, 0 },
};

static struct lab_truth truth_make(void)
{
	struct lab_truth t = { .instances = (struct lab_instance *)named, .ninstances = 4 };

	for (u32 i = 0; i < 3; i++) {
		insts[i].num = i + 1;
		insts[i].now.id = 100 + i;
		insts[i].now.tgid = i == 1 ? 8 : 7;
		insts[i].now.epfd = 4;
		insts[i].now.st.waits = 10 + i;
	}
	return t;
}

static void figures_of_instances(void **state)
{
	struct lab_truth t = truth_make();
	struct lab_run run = { .model = &model, .truth = &t };

	(void)state;
	assert_int_equal(lab_figure(&run, "worker0", "epfd"), 4);
	assert_int_equal(lab_figure(&run, "worker1", "instance"), 3);
	assert_int_equal(lab_figure(&run, "other", "instance"), 2);
	assert_int_equal(lab_figure(&run, "worker*", "instance"), 4);
	assert_int_equal(lab_most(&run, "worker*", "instance"), 3);
	assert_int_equal(lab_least(&run, "worker*", "instance"), 1);
	assert_true(lab_figure(&run, "never", "instance") == LAB_MISSING);
	assert_true(lab_figure(&run, "nobody", "instance") == LAB_MISSING);
	assert_true(lab_figure(&run, "other", "no_such_column") == LAB_MISSING);
	assert_true(lab_figure(&run, "other", "comm") == LAB_MISSING); /* no number */
	/* This model has no hooks at all */
	assert_true(lab_figure(&run, "other", "waits") == UNKNOWN_S64);
}

static void gauges_of_phases(void **state)
{
	struct lab_phase phases[] = { { "first", 1000 }, { "second", 2000 } };
	struct lab_truth t = truth_make();
	struct lab_gauge gauges[] = {
		{ .ts = 900, .id = 101, .items = 9 },
		{ .ts = 1500, .id = 101, .items = 1 },
		{ .ts = 1900, .id = 101, .items = 2 },
		{ .ts = 1950, .id = 100, .items = 7 },
		{ .ts = 2500, .id = 101, .items = UNKNOWN_S64 },
	};
	struct lab_run run = { .model = &model, .truth = &t, .gauges = gauges, .ngauges = 5 };

	(void)state;
	t.phases = phases;
	t.nphases = 2;
	assert_int_equal(lab_gauge(&run, "other", "items", "first"), 2);
	assert_true(lab_gauge(&run, "other", "items", "second") == UNKNOWN_S64);
	assert_true(lab_gauge(&run, "other", "items", "third") == LAB_MISSING);
	assert_true(lab_gauge(&run, "other", "no_gauge", "first") == LAB_MISSING);
	assert_true(lab_gauge(&run, "never", "items", "first") == LAB_MISSING);
}

/* What was read before a phase, or after it, does not tell of it, whenever the tick was. */
static void gauges_read_elsewhere(void **state)
{
	struct lab_phase phases[] = { { "first", 1000 }, { "second", 2000 }, { "third", 3000 } };
	struct lab_truth t = truth_make();
	struct lab_gauge gauges[] = {
		{ .ts = 1500,
		  .tree_ts = 1100,
		  .lists_ts = 900,
		  .id = 101,
		  .items = 4,
		  .depth = 3,
		  .ready = 1 },
		{ .ts = 2050,
		  .tree_ts = 1100,
		  .lists_ts = 1900,
		  .id = 101,
		  .items = 5,
		  .depth = 3,
		  .ready = 2 },
		{ .ts = 2900,
		  .tree_ts = 1100,
		  .lists_ts = 2800,
		  .id = 101,
		  .items = 6,
		  .depth = 3,
		  .ready = 3 },
	};
	struct lab_run run = { .model = &model, .truth = &t, .gauges = gauges, .ngauges = 3 };

	(void)state;
	t.phases = phases;
	t.nphases = 3;
	assert_int_equal(lab_gauge(&run, "other", "ready", "first"), 2);
	assert_int_equal(lab_gauge(&run, "other", "ready", "second"), 3);
	assert_int_equal(lab_gauge(&run, "other", "items", "first"), 4);
	assert_int_equal(lab_gauge(&run, "other", "depth", "first"), 3);
	assert_true(lab_gauge(&run, "other", "items", "second") == UNKNOWN_S64);
	assert_true(lab_gauge(&run, "other", "depth", "second") == UNKNOWN_S64);
	assert_true(lab_gauge(&run, "other", "ready", "third") == UNKNOWN_S64);
}

/* Names are words for the shell, programs are there by the same name, and nothing is empty. */
static void table_of_experiments(void **state)
{
	const struct experiment *const *all;
	size_t n;

	(void)state;
	all = experiments(&n);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(strspn(all[i]->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(all[i]->name));
		assert_true(strlen(all[i]->title) > 10 && strlen(all[i]->title) < 62);
		assert_true(strlen(all[i]->text) > 200);
		assert_int_equal(strncmp(all[i]->program, "lab_", 4), 0);
		assert_non_null(all[i]->verdict);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(all[k]->name, all[i]->name);
	}
}

static void wrapped_text(void **state)
{
	struct out out;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	out_init(&out, f);
	lab_wrap(&out, "one two three four\n\nfive", 12);
	out_flush(&out);
	fclose(f);
	assert_string_equal(text, "  one two\n  three four\n\n  five\n");
	out_free(&out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_a_program),
		cmocka_unit_test(lines_of_another_form),
		cmocka_unit_test(many_lines),
		cmocka_unit_test(numbers_of_a_row),
		cmocka_unit_test(figures_of_instances),
		cmocka_unit_test(gauges_of_phases),
		cmocka_unit_test(gauges_read_elsewhere),
		cmocka_unit_test(table_of_experiments),
		cmocka_unit_test(wrapped_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
