/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "alloc.h"
#include "clock.h"
#include "dashboard.h"
#include "hold.h"
#include "keys.h"
#include "log.h"
#include "message.h"
#include "pane.h"
#include "save.h"
#include "wakeup.h"
#include "term.h"

#define MS         1000000ULL
#define DRAW_SHARE 40 /* frames by themselves take at most 1/40 of one CPU */
#define DEAD_READS 10 /* times that input was announced and no key came: the terminal is gone */

struct dashboard {
	struct source *src;
	struct model *model;
	const struct dashboard_opts *opts;
	struct state st;
	struct hold hold;
	struct cells cells;
	struct term_info term;
	char host[65];
	char end_text[160];
	bool ended; /* the source is over */
	bool quit;
	bool changed; /* a sample came that is not drawn */
	bool urgent;  /* draw now: a key, a new size */
	int dead_reads;
	u64 started, drawn; /* CLOCK_MONOTONIC */
	u64 cost;           /* CPU time of the last frame */
	u64 samples;
	enum exit_code code;
};

static struct frame frame_of(struct dashboard *d)
{
	struct frame f = {
		.model = d->model,
		.st = &d->st,
		.title = d->opts->title ? d->opts->title : "",
		.host = d->host,
		.end_text = d->end_text,
		.now_ns = clock_mono_ns(),
		.run = d->opts->replay ? RUN_REPLAY : RUN_LIVE,
	};

	if (d->st.paused)
		f.run = RUN_PAUSED;
	else if (d->ended)
		f.run = RUN_ENDED;
	if (d->st.screen == SCREEN_DETAIL)
		f.inst = model_instance_by_id(d->model, d->st.inst);
	return f;
}

/* Draws into the cells alone: every list learns its rows, what was sent stays on screen. */
static void lay_out(struct dashboard *d)
{
	struct frame f = frame_of(d);

	if ((d->cells.rows != d->term.rows || d->cells.cols != d->term.cols) &&
	    cells_resize(&d->cells, d->term.rows, d->term.cols) < 0)
		ui_out_of_memory();
	screen_draw(&d->cells, &f, d->term.glyphs, d->term.color);
}

static void draw(struct dashboard *d)
{
	u64 cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	lay_out(d);
	term_flush(&d->cells);
	d->drawn = clock_mono_ns();
	d->cost = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	d->changed = d->urgent = false;
}

/* Frames that cost much (a hundred thousand items to sort) come less often; keys never wait. */
static bool draw_is_due(const struct dashboard *d)
{
	if (d->urgent)
		return true;
	return d->changed && clock_mono_ns() - d->drawn >= d->cost * DRAW_SHARE;
}

static void save(struct dashboard *d)
{
	struct frame f = frame_of(d);
	char name[SAVE_NAME_LEN];
	int err;

	/* Several keys may have come since the last frame. */
	screen_draw(&d->cells, &f, d->term.glyphs, d->term.color);
	err = save_file(&d->cells, &f, name);
	if (!err)
		message_say(LOG_INFO, "saved as %s", name);
	else if (err == -EEXIST)
		message_say(LOG_WARN, "%s exists already: try again in a second", name);
	else
		message_say(LOG_ERROR,
			    "cannot save %s: %s; start epscope in a directory that can be "
			    "written",
			    name, strerror(-err));
}

static void pause_end(struct dashboard *d)
{
	if (hold_release(&d->hold) < 0)
		ui_out_of_memory();
}

static void apply_key(struct dashboard *d, u32 key)
{
	bool paused = d->st.paused;

	switch (state_key(&d->st, key)) {
	case ACT_QUIT:
		d->quit = true;
		break;
	case ACT_SAVE:
		save(d);
		break;
	case ACT_REPAINT:
		term_resize(&d->term);
		break;
	case ACT_NONE:
	case ACT_REDRAW:
		break;
	}
	if (paused && !d->st.paused)
		pause_end(d);
	d->src->focus(d->src, d->st.screen == SCREEN_DETAIL ? d->st.inst : 0);
	d->urgent = true;
}

static void read_keys(struct dashboard *d)
{
	u32 key = term_key(), before = UIKEY_NONE;

	d->dead_reads = key == UIKEY_NONE ? d->dead_reads + 1 : 0;
	if (d->dead_reads >= DEAD_READS)
		d->quit = true;
	/*
	 * What a key moved is named by drawing: Enter after Down opens the row that Down reached. A
	 * held key or text for the filter comes as many, and needs nothing drawn in between.
	 */
	for (; key != UIKEY_NONE && !d->quit; key = term_key()) {
		if (before != UIKEY_NONE && key != before && !d->st.editing)
			lay_out(d);
		apply_key(d, key);
		before = key;
	}
}

static void source_over(struct dashboard *d)
{
	const struct model *m = d->model;

	d->ended = true;
	d->changed = d->urgent = true;
	if (d->opts->replay)
		snprintf(d->end_text, sizeof(d->end_text),
			 "end of the recording - last figures - q quits");
	else if (m->ntargets == 1)
		snprintf(d->end_text, sizeof(d->end_text),
			 "target %u (%.15s) exited - last figures - q quits", m->targets[0].tgid,
			 m->targets[0].comm);
	else if (m->ntargets > 1)
		snprintf(d->end_text, sizeof(d->end_text),
			 "all %u targets exited - last figures - q quits", m->ntargets);
	else
		snprintf(d->end_text, sizeof(d->end_text),
			 "no more samples - last figures - q quits");
}

static void source_failed(struct dashboard *d, int err)
{
	d->quit = true;
	d->code = d->opts->replay ? EXIT_RECORDING : EXIT_FAILED;
	log_error("no more samples: %s; %s", strerror(-err),
		  d->opts->replay ? "the recording cannot be read further"
				  : "start epscope again, with -v for details");
}

/* Takes the next sample if its time has come. */
static void take_sample(struct dashboard *d)
{
	record_fn fn = d->st.paused ? hold_record : model_fold;
	void *ctx = d->st.paused ? (void *)&d->hold : (void *)d->model;
	int ret;

	if (d->ended || d->src->due_ms(d->src) > 0)
		return;
	ret = d->src->next(d->src, 0, fn, ctx);
	if (ret == SOURCE_END) {
		source_over(d);
	} else if (ret < 0 && ret != -EINTR && ret != -EAGAIN) {
		source_failed(d, ret);
	} else if (ret == 1) {
		d->changed = !d->st.paused;
		if (d->opts->count && ++d->samples >= d->opts->count)
			d->quit = true;
	}
}

static int sooner(int a, int b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

/* Milliseconds until the time is ns, at least 1; in steps of an hour at most. */
static int ms_until(u64 ns, u64 now)
{
	u64 left = ns > now ? (ns - now) / MS + 1 : 1;

	return left > 3600000 ? 3600000 : (int)left;
}

static int sleep_ms(struct dashboard *d)
{
	const struct message *msg;
	u64 now = clock_mono_ns();
	int ms = d->ended ? -1 : d->src->due_ms(d->src);

	msg = message_fresh(now);
	if (msg)
		ms = sooner(ms, ms_until(msg->ts + MESSAGE_NS, now));
	if (d->opts->duration_ns)
		ms = sooner(ms, ms_until(d->started + d->opts->duration_ns, now));
	return ms;
}

static void take_signals(struct dashboard *d)
{
	if (wakeup_take_suspend()) {
		term_suspend();
		term_resize(&d->term);
		d->urgent = true;
	}
	if (wakeup_take_resize()) {
		term_resize(&d->term);
		d->urgent = true;
	}
}

static bool is_over(const struct dashboard *d)
{
	if (d->quit || (d->opts->stop && *d->opts->stop))
		return true;
	return d->opts->duration_ns && clock_mono_ns() - d->started >= d->opts->duration_ns;
}

static void loop(struct dashboard *d)
{
	bool fresh = false;

	while (!is_over(d)) {
		if (draw_is_due(d))
			draw(d);
		switch (wakeup_wait(STDIN_FILENO, sleep_ms(d))) {
		case WAIT_INPUT:
			read_keys(d);
			break;
		case WAIT_HANGUP:
			d->quit = true;
			break;
		case WAIT_SIGNAL:
		case WAIT_TIMEOUT:
			break;
		}
		take_signals(d);
		if (!is_over(d))
			take_sample(d);
		/* A message that has been shown long enough goes without a key. */
		if (fresh != (message_fresh(clock_mono_ns()) != NULL)) {
			fresh = !fresh;
			d->urgent = true;
		}
	}
	/* What -c or -d ended at is what should have been seen last. */
	if (d->changed)
		draw(d);
}

enum exit_code dashboard_run(struct source *src, struct model *m, const struct dashboard_opts *o)
{
	struct dashboard d = { .src = src, .model = m, .opts = o, .urgent = true, .code = EXIT_OK };

	state_init(&d.st);
	d.hold.model = m;
	if (!o->replay && gethostname(d.host, sizeof(d.host) - 1) < 0)
		d.host[0] = '\0';
	d.host[strcspn(d.host, ".")] = '\0';
	wakeup_start();
	if (term_start(o->no_color, &d.term) < 0) {
		wakeup_stop();
		return EXIT_TERMINAL;
	}
	messages_start();
	d.started = clock_mono_ns();
	loop(&d);
	term_stop();
	messages_stop();
	wakeup_stop();
	hold_free(&d.hold);
	cells_free(&d.cells);
	return d.code;
}
