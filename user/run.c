/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "dashboard.h"
#include "log.h"
#include "model.h"
#include "output.h"
#include "record.h"
#include "run.h"
#include "signals.h"
#include "source_live.h"
#include "source_replay.h"
#include "view.h"

struct run {
	const struct options *o;
	struct source src;
	struct model *model;
	struct view view;
	bool has_view;
	struct recorder *recorder; /* record: takes the place of the view */
	struct output out;
	u64 ticks;
	u64 end_ns;   /* CLOCK_MONOTONIC, 0: no limit */
	int view_err; /* the view or recorder failed: the output is to blame, not the source */
};

/* Every record passes here: view, then model, then at a tick the view again. */
static int run_record(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct run *r = ctx;
	int ret = 0;

	if (r->recorder)
		ret = r->view_err = recorder_write(r->recorder, hdr, payload);
	else if (r->has_view)
		ret = r->view_err = r->view.record(&r->view, r->model, hdr, payload);
	if (!ret)
		ret = model_fold(r->model, hdr, payload);
	if (ret || hdr->type != REC_TICK)
		return ret;
	if (r->has_view)
		ret = r->view_err = r->view.tick(&r->view, r->model);
	if (!ret && !r->ticks++)
		ret = output_ready_file(r->o->ready_file);
	return ret;
}

static bool count_reached(const struct run *r)
{
	u64 limit = r->o->command == CMD_TREE ? 1 : r->o->count;

	return limit && r->ticks >= limit;
}

static bool run_over(const struct run *r)
{
	return stop_requested || count_reached(r) || (r->end_ns && clock_mono_ns() >= r->end_ns);
}

static int run_timeout_ms(const struct run *r)
{
	u64 now = clock_mono_ns();

	if (!r->end_ns)
		return -1;
	return now >= r->end_ns ? 0 : (int)((r->end_ns - now) / 1000000) + 1;
}

/* Until the source ends, a limit is reached or a signal comes. Returns 0 or a negative errno. */
static int run_loop(struct run *r)
{
	int ret = 0;

	if (r->o->duration_ns && !r->o->replay)
		r->end_ns = clock_mono_ns() + r->o->duration_ns;
	if (r->has_view)
		ret = r->view_err = r->view.begin(&r->view);
	while (ret >= 0 && !run_over(r)) {
		ret = r->src.next(&r->src, run_timeout_ms(r), run_record, r);
		if (ret == SOURCE_END)
			break;
	}
	/* What happened since the last sample belongs to the last rows. */
	if (ret >= 0 && !r->o->replay && ret != SOURCE_END && !count_reached(r) && r->src.flush)
		ret = r->src.flush(&r->src, run_record, r);
	if (ret >= 0 && r->has_view)
		ret = r->view_err = r->view.end(&r->view, r->model);
	return ret < 0 ? ret : 0;
}

static enum exit_code run_view_init(struct run *r)
{
	struct view_opts vo = {
		.out = r->out.file,
		.format = r->o->format,
		.items = r->o->items,
		.event_mask = r->o->event_mask,
		.color = !r->o->no_color && isatty(fileno(r->out.file)),
		.columns = r->o->columns,
		.sort = r->o->sort,
	};
	int ret;

	if (r->o->command == CMD_TRACE)
		ret = view_trace_init(&r->view, &vo);
	else if (r->o->command == CMD_TREE)
		ret = view_tree_init(&r->view, &vo);
	else
		ret = view_stat_init(&r->view, &vo);
	r->has_view = !ret;
	if (ret == -EINVAL)
		return EXIT_USAGE;
	if (ret)
		log_error("cannot prepare the output: %s", strerror(-ret));
	return ret ? EXIT_FAILED : EXIT_OK;
}

static bool wants_dashboard(const struct options *o)
{
	return o->command == CMD_TOP && !o->format_set && !o->output && isatty(STDOUT_FILENO) &&
	       isatty(STDIN_FILENO);
}

static enum exit_code run_source(struct run *r, bool dashboard)
{
	struct live_opts lo = { 0 };

	if (r->o->replay)
		return source_replay_open(&r->src, r->o->replay, dashboard);
	if (r->o->command == CMD_TRACE || r->o->command == CMD_RECORD)
		lo.stream_mask = r->o->event_mask ? r->o->event_mask : (1u << EV_COUNT) - 1;
	lo.all_items = r->o->command == CMD_TREE || r->o->command == CMD_RECORD || r->o->items;
	lo.one_shown = dashboard;
	if (dashboard)
		lo.child_output = CHILD_NOWHERE;
	else if (r->out.file == stdout)
		lo.child_output = CHILD_TO_STDERR;
	return source_live_open(&r->src, r->o, &lo);
}

enum exit_code run_dashboard(struct source *src, struct model *m, const struct options *o)
{
	struct dashboard_opts d = {
		.no_color = o->no_color,
		.count = o->count,
		.duration_ns = o->duration_ns,
		.title = "epscope",
		.stop = &stop_requested,
		.replay = o->replay != NULL,
	};

	if (output_ready_file(o->ready_file))
		return EXIT_OUTPUT;
	return dashboard_run(src, m, &d);
}

static enum exit_code run_text(struct run *r)
{
	enum exit_code code;
	int ret;

	if (r->o->command != CMD_RECORD) {
		code = run_view_init(r);
		if (code)
			return code;
	}
	ret = run_loop(r);
	if (r->recorder) {
		int closed = recorder_close(r->recorder);

		r->recorder = NULL;
		ret = r->view_err = ret ? ret : closed;
	}
	if (!ret)
		ret = r->view_err = output_finish(&r->out);
	if (ret == -EPIPE && r->view_err)
		return EXIT_OK; /* the reader has what it wanted */
	if (ret && r->view_err) {
		log_error("%s: not written whole: %s; free some space or choose another place",
			  r->out.name, strerror(-ret));
		return EXIT_OUTPUT;
	}
	if (ret)
		log_error("the run ended early: %s", strerror(-ret));
	return ret ? EXIT_FAILED : EXIT_OK;
}

/* Once the source runs: what an output file held before gives way. */
static enum exit_code run_begin(struct run *r)
{
	int ret;

	if (r->o->command != CMD_RECORD) {
		output_begin(&r->out);
		return EXIT_OK;
	}
	r->out.name = r->o->output;
	ret = recorder_open(&r->recorder, r->o->output);
	if (!ret)
		return EXIT_OK;
	log_error("%s: cannot be written: %s; choose another place with -o", r->o->output,
		  strerror(-ret));
	return EXIT_OUTPUT;
}

enum exit_code run(struct options *o)
{
	bool dashboard = wants_dashboard(o);
	struct run r = { .o = o };
	enum exit_code code = EXIT_FAILED;

	if (o->command == CMD_TOP && !dashboard && !o->interval_set)
		o->interval_ms = 1000;
	signals_install(!dashboard);
	r.model = model_new();
	if (!r.model) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	if (output_ready_clear(o->ready_file))
		code = EXIT_OUTPUT;
	else if (!dashboard && o->command != CMD_RECORD && output_open(&r.out, o->output))
		code = EXIT_OUTPUT;
	else
		code = run_source(&r, dashboard);
	if (!code)
		code = run_begin(&r);
	if (!code)
		code = dashboard ? run_dashboard(&r.src, r.model, o) : run_text(&r);
	if (!code && o->replay && source_replay_damaged(&r.src))
		code = EXIT_RECORDING;
	if (r.src.close)
		r.src.close(&r.src);
	if (r.view.free)
		r.view.free(&r.view);
	if (r.recorder)
		recorder_close(r.recorder);
	output_close(&r.out);
	model_free(r.model);
	return code;
}
