/* SPDX-License-Identifier: GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include "log.h"
#include "view.h"
#include "test_record_build.h"

#define ID 1

/* A run without a runner: the view, the model, and what comes out. */
struct run {
	struct model *model;
	struct view view;
	struct sink sink;
	char *text;
	size_t len;
	FILE *out;
};

static char said[256];

static void keep_message(enum log_level level, const char *line)
{
	(void)level;
	snprintf(said, sizeof(said), "%s", line);
}

/* As the runner does it: the view, the model, and at a tick the view again. */
static int run_record(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct run *r = ctx;
	int err = r->view.record(&r->view, r->model, hdr, payload);

	if (!err)
		err = model_fold(r->model, hdr, payload);
	return !err && hdr->type == REC_TICK ? r->view.tick(&r->view, r->model) : err;
}

static void run_start(struct run *r, int (*init)(struct view *, const struct view_opts *),
		      struct view_opts o)
{
	*r = (struct run){ .model = model_new() };
	r->sink = (struct sink){ .fn = run_record, .ctx = r };
	r->out = o.out ? o.out : open_memstream(&r->text, &r->len);
	o.out = r->out;
	assert_int_equal(init(&r->view, &o), 0);
	r->sink.err = r->view.begin(&r->view);
	put_meta(&r->sink, 10 * SEC);
	put_plans(&r->sink, TIER_FULL);
}

static void run_free(struct run *r)
{
	r->view.free(&r->view);
	model_free(r->model);
	fclose(r->out);
	free(r->text);
}

static const char *run_end(struct run *r)
{
	assert_int_equal(r->sink.err, 0);
	assert_int_equal(r->view.end(&r->view, r->model), 0);
	fflush(r->out);
	return r->text;
}

static void put_instance(struct sink *s, u64 id, u64 waits, u64 died_ns)
{
	struct ep_instance inst = { .id = id, .tgid = 1, .epfd = 3, .died_ns = died_ns };

	inst.st.waits = waits;
	PUT(s, REC_INSTANCE, inst);
}

static void test_stat_sums(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .columns = "row,instance,waits,interval_ns" };
	struct run r;

	(void)state;
	run_start(&r, view_stat_init, o);
	put_instance(&r.sink, 1, 5, 0);
	put_tick(&r.sink, 11 * SEC);
	put_instance(&r.sink, 1, 12, 0);
	put_instance(&r.sink, 2, 3, 0);
	put_tick(&r.sink, 12 * SEC);
	put_instance(&r.sink, 1, 12, 0);
	put_instance(&r.sink, 2, 4, 12 * SEC + 7);
	put_tick(&r.sink, 13 * SEC);
	put_tick(&r.sink, 14 * SEC);
	assert_string_equal(run_end(&r), "row,instance,waits,interval_ns\n"
					 "meta,,,\n"
					 "interval,1,5,1000000000\n"
					 "interval,1,7,1000000000\n"
					 "interval,2,3,1000000000\n"
					 "interval,1,0,1000000000\n"
					 "interval,2,1,1000000000\n"
					 "summary,2,4,1000000007\n"
					 "interval,1,0,1000000000\n"
					 "summary,1,12,4000000000\n");
	run_free(&r);
}

/* A thousand that come and go in one interval: each has its row and its summary. */
static void test_stat_short_lives(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .columns = "row,instance,waits" };
	u32 summaries = 0, rows = 0;
	struct run r;

	(void)state;
	run_start(&r, view_stat_init, o);
	for (u64 id = 1; id <= 1000; id++)
		put_instance(&r.sink, id, 1, 10 * SEC + id);
	put_tick(&r.sink, 11 * SEC);
	put_tick(&r.sink, 12 * SEC);
	for (const char *at = run_end(&r); (at = strchr(at, '\n')); at++) {
		rows += !strncmp(at + 1, "interval,", 9);
		summaries += !strncmp(at + 1, "summary,", 8);
	}
	assert_int_equal(rows, 1000);
	assert_int_equal(summaries, 1000);
	run_free(&r);
}

static void test_stat_sort(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .columns = "instance,waits", .sort = "waits" };
	struct run r;

	(void)state;
	run_start(&r, view_stat_init, o);
	put_instance(&r.sink, 1, 5, 0);
	put_instance(&r.sink, 2, 9, 0);
	put_instance(&r.sink, 3, 5, 0);
	put_tick(&r.sink, 11 * SEC);
	assert_non_null(strstr(run_end(&r), "2,9\n1,5\n3,5\n"));
	run_free(&r);
}

static void test_losses(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .columns = "row,lost,where" };
	struct rec_loss loss = { .count = { [LOSS_RING] = 3 } };
	struct run r;

	(void)state;
	run_start(&r, view_stat_init, o);
	PUT(&r.sink, REC_LOSS, loss);
	put_tick(&r.sink, 11 * SEC);
	PUT(&r.sink, REC_LOSS, loss); /* no more than before */
	put_tick(&r.sink, 12 * SEC);
	loss.count[LOSS_RING] = 10;
	loss.count[LOSS_ITEMS] = 1;
	PUT(&r.sink, REC_LOSS, loss);
	put_tick(&r.sink, 13 * SEC);
	assert_string_equal(run_end(&r),
			    "row,lost,where\nmeta,,\nlost,3,ring\nlost,7,ring\nlost,1,items\n");
	run_free(&r);
}

static void put_event(struct sink *s, u32 type, u64 id)
{
	struct ev ev = { .ts = 10 * SEC + 1, .id = id, .type = (u8)type, .epfd = -1, .fd = -1 };

	PUT(s, REC_EVENT, ev);
}

static void test_trace(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .columns = "type,instance,lost" };
	struct rec_loss loss = { .count = { [LOSS_RING] = 3 } };
	struct run r;

	(void)state;
	run_start(&r, view_trace_init, o);
	put_event(&r.sink, EV_WAIT, 5); /* before any sample tells of these */
	put_event(&r.sink, EV_WAIT, 6);
	put_event(&r.sink, EV_RETURN, 5);
	put_event(&r.sink, EV_LOST, 0); /* losses come from the counters */
	put_event(&r.sink, 77, 0);
	put_instance(&r.sink, 6, 1, 0);
	put_instance(&r.sink, 5, 1, 0);
	PUT(&r.sink, REC_LOSS, loss);
	put_tick(&r.sink, 11 * SEC);
	put_event(&r.sink, EV_WAIT, 6);
	assert_string_equal(run_end(&r), "type,instance,lost\nmeta,,\nwait,1,\nwait,2,\nreturn,1,\n"
					 "lost,,3\nwait,2,\n");
	run_free(&r);
}

static void test_trace_mask(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV,
			       .columns = "type",
			       .event_mask = 1 << EV_RETURN };
	struct run r;

	(void)state;
	run_start(&r, view_trace_init, o);
	put_event(&r.sink, EV_WAIT, 5);
	put_event(&r.sink, EV_RETURN, 5);
	assert_string_equal(run_end(&r), "type\nmeta\nreturn\n");
	run_free(&r);
}

static void test_json(void **state)
{
	struct view_opts o = { .format = FORMAT_JSON, .columns = "row,waits,lost" };
	struct run r;

	(void)state;
	run_start(&r, view_stat_init, o);
	put_instance(&r.sink, 1, 5, 0);
	put_tick(&r.sink, 11 * SEC);
	assert_string_equal(run_end(&r), "{\"row\":\"meta\",\"lost\":null}\n"
					 "{\"row\":\"interval\",\"waits\":5,\"lost\":null}\n"
					 "{\"row\":\"summary\",\"waits\":5,\"lost\":null}\n");
	run_free(&r);
}

/* A skipped call may have been on any instance; of a skipped fork no figure is lower. */
static void test_inexact(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .columns = "row,inexact" };
	struct ep_instance inst = { .id = 1, .lost[LOSS_LIST] = 1 };
	struct rec_loss loss = { .count[LOSS_SKIPPED_FORK] = 1,
				 .count[LOSS_SKIPPED + HOOK_WAKE] = 2 };
	struct run r;

	(void)state;
	run_start(&r, view_stat_init, o);
	PUT(&r.sink, REC_INSTANCE, inst);
	PUT(&r.sink, REC_LOSS, loss);
	put_tick(&r.sink, 11 * SEC);
	assert_string_equal(run_end(&r), "row,inexact\n"
					 "meta,\n"
					 "interval,\"list,skipped-wake\"\n"
					 "lost,\n"
					 "lost,\n"
					 "summary,\"list,skipped-wake\"\n");
	run_free(&r);
}

/* No line of the text for people is wider than 120 columns. */
static void test_text_width(void **state)
{
	struct view_opts o = { .format = FORMAT_TEXT };
	struct ep_instance inst = {
		.id = 1, .tgid = 4194303, .epfd = 1023, .comm = "fifteen letters"
	};
	struct rec_loss loss;
	struct run r;

	(void)state;
	memset(&inst.st, 1, sizeof(inst.st));
	for (u32 i = 0; i < LOSS_COUNT; i++)
		loss.count[i] = 1234567;
	run_start(&r, view_stat_init, o);
	put_plans(&r.sink, TIER_BASIC);
	put_plan(&r.sink, HOOK_CALLBACK, TIER_NONE);
	PUT(&r.sink, REC_INSTANCE, inst);
	PUT(&r.sink, REC_LOSS, loss);
	put_tick(&r.sink, 11 * SEC);
	for (const char *at = run_end(&r), *end; (end = strchr(at, '\n')); at = end + 1)
		assert_true(end - at <= 120);
	run_free(&r);
}

static void check_refused(int (*init)(struct view *, const struct view_opts *), struct view_opts o,
			  const char *why)
{
	struct view v;

	o.out = stdout;
	said[0] = 0;
	assert_int_equal(init(&v, &o), -EINVAL);
	assert_non_null(strstr(said, why));
	v.free(&v); /* as the runner may */
}

static void test_unknown_columns(void **state)
{
	(void)state;
	log_set_sink(keep_message);
	check_refused(view_stat_init, (struct view_opts){ .columns = "waits,nonsense" },
		      "nonsense");
	check_refused(view_stat_init, (struct view_opts){ .columns = "waits," }, "''");
	check_refused(view_stat_init, (struct view_opts){ .columns = "", .format = FORMAT_CSV },
		      "''");
	check_refused(view_stat_init, (struct view_opts){ .sort = "nonsense" }, "nonsense");
	check_refused(view_stat_init,
		      (struct view_opts){ .columns = "item_fd", .format = FORMAT_CSV }, "item_fd");
	check_refused(view_trace_init, (struct view_opts){ .columns = "waits" }, "waits");
	check_refused(view_trace_init, (struct view_opts){ .sort = "type" }, "--sort");
	check_refused(view_tree_init, (struct view_opts){ .sort = "waits" }, "waits");
	check_refused(view_tree_init, (struct view_opts){ .columns = "waits" }, "waits");
	log_set_sink(NULL);
}

/* A full disk is told, at the latest at the end, and stays told. */
static void test_disk_full(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .out = fopen("/dev/full", "w") };
	struct run r;

	(void)state;
	if (!o.out)
		skip();
	run_start(&r, view_stat_init, o);
	assert_int_equal(r.sink.err, -ENOSPC);
	assert_int_equal(r.view.end(&r.view, r.model), -ENOSPC);
	run_free(&r);
}

static void test_reader_gone(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV };
	struct run r;
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	o.out = fdopen(fds[1], "w");
	run_start(&r, view_trace_init, o);
	assert_int_equal(r.sink.err, -EPIPE);
	run_free(&r);
}

/* Rows reach a pipe at their tick, not when some buffer is full. */
static void test_flush_at_tick(void **state)
{
	struct view_opts o = { .format = FORMAT_CSV, .columns = "row" };
	char buf[64] = { 0 };
	struct run r;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	o.out = fdopen(fds[1], "w");
	run_start(&r, view_stat_init, o);
	put_instance(&r.sink, 1, 5, 0);
	put_tick(&r.sink, 11 * SEC);
	assert_true(read(fds[0], buf, sizeof(buf) - 1) > 0);
	assert_string_equal(buf, "row\nmeta\ninterval\n");
	run_free(&r);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat_sums),
		cmocka_unit_test(test_stat_short_lives),
		cmocka_unit_test(test_stat_sort),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_trace_mask),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_text_width),
		cmocka_unit_test(test_inexact),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_unknown_columns),
		cmocka_unit_test(test_reader_gone),
		cmocka_unit_test(test_flush_at_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
