/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "cost_rates.h"
#include "model.h"
#include "test_record_build.h"

static void test_rates(void **state)
{
	struct rec_cost prev = { .cpu_ns = 1000, .bytes = 10 }, now = { 0 }, diff;
	struct cost_rates r;

	(void)state;
	now.cpu_ns = 1000 + 40000000;
	now.bpf_ns = 625000;
	now.bpf_runs = 2000;
	now.accounted_ns = 50000000;
	now.bytes = 10 + 6000;
	now.events = 8;
	cost_diff(&now, &prev, &diff);
	cost_rates(&diff, 2000000000, &r);
	assert_true(r.bpf == 0.0125); /* of the time that was accounted, not of all */
	assert_true(r.runs == 40000);
	assert_true(r.run_ns == 312.5);
	assert_true(r.accounted == 0.025);
	assert_true(r.cpu == 0.02);
	assert_true(r.bytes == 3000);
	assert_true(r.events == 4);
}

static void test_unknown(void **state)
{
	struct rec_cost diff = { .cpu_ns = 1000 };
	struct cost_rates r;

	(void)state;
	cost_rates(&diff, 1000000, &r);
	assert_true(r.bpf == COST_UNKNOWN);
	assert_true(r.runs == COST_UNKNOWN);
	assert_true(r.run_ns == COST_UNKNOWN);
	assert_true(r.accounted == COST_UNKNOWN);
	assert_true(r.cpu == 0.001);
	cost_rates(&diff, 0, &r); /* no time has gone by */
	assert_true(r.cpu == COST_UNKNOWN);
	assert_true(r.bytes == COST_UNKNOWN);
	assert_true(r.events == COST_UNKNOWN);
}

/* Accounted, and nothing ran: that is 0, and only the time per run is unknown. */
static void test_idle(void **state)
{
	struct rec_cost diff = { .accounted_ns = 1000 };
	struct cost_rates r;

	(void)state;
	cost_rates(&diff, 1000000, &r);
	assert_true(r.bpf == 0);
	assert_true(r.runs == 0);
	assert_true(r.run_ns == COST_UNKNOWN);
}

static void test_percent(void **state)
{
	static const struct {
		double share;
		const char *text;
	} cases[] = {
		{ COST_UNKNOWN, "-" }, { 0, "0.00%" },      { 0.0125, "1.25%" },
		{ 0.09999, "10.0%" },  { 0.4004, "40.0%" }, { 0.9999, "100%" },
		{ 2.5, "250%" },
	};
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cost_percent(cases[i].share, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void tick(struct sink *s, u64 cpu_ns, u64 ts)
{
	struct rec_cost cost = { .cpu_ns = cpu_ns };

	PUT(s, REC_COST, cost);
	put_tick(s, ts);
}

/* This tick and the one before; and a reading that is 3 to 6 s old, the start while there is none. */
static void test_fold(void **state)
{
	struct model *m = model_new();
	struct sink s = { .fn = model_fold, .ctx = m };

	(void)state;
	assert_non_null(m);
	put_meta(&s, 10 * SEC);
	put_tick(&s, 10 * SEC + 1);
	assert_false(m->cost.known);
	tick(&s, 5, 11 * SEC);
	assert_true(m->cost.known);
	assert_int_equal(m->cost.now.cpu_ns, 5);
	assert_int_equal(m->cost.prev.cpu_ns, 0);
	assert_int_equal(m->cost.base_ts, 10 * SEC);
	tick(&s, 9, 12 * SEC);
	assert_int_equal(m->cost.prev.cpu_ns, 5);
	for (u64 k = 13; k <= 17; k++)
		tick(&s, k, k * SEC);
	assert_int_equal(m->cost.base_ts, 13 * SEC);
	assert_int_equal(m->cost.base.cpu_ns, 13);
	put_tick(&s, 18 * SEC); /* not mentioned: nothing more */
	assert_int_equal(m->cost.now.cpu_ns, 17);
	assert_int_equal(m->cost.prev.cpu_ns, 17);
	assert_int_equal(s.err, 0);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_idle),  cmocka_unit_test(test_percent),
		cmocka_unit_test(test_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
