/* SPDX-License-Identifier: GPL-2.0 */
/* ui/hold.c: the model stands still in a pause, and nothing is lost by it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "hold.h"
#include "test_ui_fixture.h"

struct paused {
	struct model *model;
	struct hold hold;
	struct fx target;
};

static int setup(void **state)
{
	struct paused *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	p->model = model_new();
	p->hold.model = p->model;
	p->target = (struct fx){ .fn = model_fold, .ctx = p->model, .instances = 2, .items = 9 };
	for (u64 sample = 0; sample < 2; sample++)
		fx_sample(&p->target, sample);
	p->target.fn = hold_record;
	p->target.ctx = &p->hold;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct paused *p = *state;

	hold_free(&p->hold);
	model_free(p->model);
	free(p);
	return 0;
}

static void figures_stand_still(void **state)
{
	struct paused *p = *state;

	for (u64 sample = 2; sample < 5; sample++)
		fx_sample(&p->target, sample);
	assert_int_equal(p->model->ticks, 2);
	assert_int_equal(p->model->inst[0].now.st.waits, 2000);
}

static void release_brings_the_last_totals(void **state)
{
	struct paused *p = *state;

	for (u64 sample = 2; sample < 5; sample++)
		fx_sample(&p->target, sample);
	assert_int_equal(hold_release(&p->hold), 0);
	assert_int_equal(p->model->ticks, 3);
	assert_int_equal(p->model->ts, fx_time(4));
	assert_int_equal(p->model->inst[0].now.st.waits, 5000);
	/* The interval that the next rates are over is the whole pause. */
	assert_int_equal(p->model->inst[0].prev.st.waits, 2000);
	assert_int_equal(p->model->inst[0].now_ts - p->model->inst[0].prev_ts, 3 * FX_STEP);
}

static void what_comes_once_is_kept(void **state)
{
	struct paused *p = *state;

	p->target.lost = 5;
	p->target.exited = true;
	fx_sample(&p->target, 2);
	assert_int_equal(p->model->loss[LOSS_RING], 5);
	assert_true(model_targets_gone(p->model));
}

static void half_a_batch_is_not_folded(void **state)
{
	struct paused *p = *state;
	struct ep_instance rec = { .id = FX_ID(0) };

	fx_sample(&p->target, 2);
	fx_emit(&p->target, REC_INSTANCE, &rec, sizeof(rec));
	assert_int_equal(hold_release(&p->hold), 0);
	assert_int_equal(p->model->ticks, 2);
}

static void empty_pause(void **state)
{
	struct paused *p = *state;

	assert_int_equal(hold_release(&p->hold), 0);
	assert_int_equal(p->model->ticks, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(figures_stand_still, setup, teardown),
		cmocka_unit_test_setup_teardown(release_brings_the_last_totals, setup, teardown),
		cmocka_unit_test_setup_teardown(what_comes_once_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_batch_is_not_folded, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_pause, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
