/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab_run.h"
#include "log.h"
#include "run.h"
#include "signals.h"
#include "source_live.h"

/* Samples often enough to see phases of half a second. */
#define INTERVAL_MS 50
/* And trees as well, which cost a program of ours more time than elsewhere. */
#define WALK_SHARE 4

struct watched {
	struct source live;
	struct model *model;
	struct lab_run run;
	struct lab_truth truth;
	record_fn fn; /* of the running call */
	void *ctx;
	bool ended; /* the program came to its end */
};

/* Behind the model's own folding: the gauges of each tick are kept. */
static int watched_record(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	const struct snap_tree *tree = payload;
	struct watched *w = ctx;
	int ret = w->fn(w->ctx, hdr, payload);

	if (!ret && (hdr->type == REC_LISTS || hdr->type == REC_TREE))
		ret = lab_lists_read(&w->run, tree->id, tree->ts);
	return ret || hdr->type != REC_TICK ? ret : lab_sample(&w->run, w->model);
}

static int watched_next(struct source *src, int timeout_ms, record_fn fn, void *ctx)
{
	struct watched *w = src->priv;
	int ret;

	w->fn = fn;
	w->ctx = ctx;
	ret = w->live.next(&w->live, timeout_ms, watched_record, w);
	w->ended |= ret == SOURCE_END;
	return ret;
}

static int watched_due_ms(struct source *src)
{
	struct watched *w = src->priv;

	return w->live.due_ms(&w->live);
}

static void watched_focus(struct source *src, u64 id)
{
	struct watched *w = src->priv;

	w->live.focus(&w->live, id);
}

/* The live source, and everything that passes is kept for the verdict. */
static void watched_source(struct source *src, struct watched *w)
{
	*src = (struct source){
		.priv = w,
		.next = watched_next,
		.due_ms = watched_due_ms,
		.focus = watched_focus,
	};
}

static enum exit_code watch(struct watched *w, const struct options *o, bool dashboard)
{
	struct source src;
	int ret = 0;

	watched_source(&src, w);
	if (dashboard)
		return run_dashboard(&src, w->model, o);
	while (ret >= 0 && ret != SOURCE_END && !stop_requested)
		ret = src.next(&src, -1, model_fold, w->model);
	if (ret >= 0)
		return EXIT_OK;
	log_error("the run ended early: %s", strerror(-ret));
	return EXIT_FAILED;
}

/* Where the programs are: beside the build, or where `make install` puts them. NULL: nowhere. */
static char *program_path(const char *name)
{
	static const char *const places[] = { "tests", "../libexec/epscope" };
	char self[PATH_MAX], *path;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return NULL;
	self[len] = 0;
	*strrchr(self, '/') = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (asprintf(&path, "%s/%s/%s", self, places[i], name) < 0)
			return NULL;
		if (!access(path, X_OK))
			return path;
		free(path);
	}
	return NULL;
}

/* Attaches, watches and leaves what came out in w and *truth. */
static enum exit_code perform(struct watched *w, const struct experiment *e, struct options *o,
			      bool dashboard)
{
	struct live_opts lo = {
		.walk_share = WALK_SHARE,
		.child_output = dashboard ? CHILD_NOWHERE : CHILD_TO_STDERR,
	};
	enum exit_code code = source_live_open(&w->live, o, &lo);

	if (code)
		return code;
	code = watch(w, o, dashboard);
	w->live.close(&w->live);
	if (!code && !w->ended) {
		log_error("%s was ended early: no verdict", e->name);
		code = EXIT_FAILED;
	}
	return code;
}

static enum exit_code judge(struct watched *w, const struct experiment *e, const char *path)
{
	int ret = lab_truth_read(&w->truth, path);

	w->run.model = w->model;
	if (!ret) {
		e->verdict(&w->run);
		return EXIT_OK;
	}
	log_error("%s: its program %s left no result (%s); run it by hand to see why", e->name,
		  e->program, strerror(-ret));
	return EXIT_FAILED;
}

/* The options of `epscope -- PROGRAM`, made of those of the lab. argv holds its words. */
static void observe_options(struct options *run, const struct options *o, char **argv, bool watch)
{
	static char broken[] = "--broken", output[] = "--output", slow[] = "--watch";
	int n = 3; /* the program, --truth-file FILE */

	if (watch)
		argv[n++] = slow;
	if (o->broken)
		argv[n++] = broken;
	if (o->output) {
		argv[n++] = output;
		argv[n++] = (char *)o->output;
	}
	*run = *o;
	run->command = CMD_TOP;
	run->interval_ms = INTERVAL_MS;
	run->argv = argv;
	run->follow = true;
	run->all = false;
	run->output = NULL;
}

/* With a model and a place for what the program says. */
static enum exit_code run_in(struct watched *w, const struct experiment *e, const struct options *o,
			     bool dashboard, char *truth)
{
	static char option[] = "--truth-file";
	char *path = program_path(e->program);
	char *argv[8] = { path, option, truth };
	enum exit_code code;
	struct options run;

	if (!path) {
		log_error("no program %s: make builds it, make install puts it in place",
			  e->program);
		return EXIT_FAILED;
	}
	observe_options(&run, o, argv, dashboard);
	code = perform(w, e, &run, dashboard);
	free(path);
	return code ? code : judge(w, e, truth);
}

enum exit_code lab_run(const struct experiment *e, const struct options *o, bool dashboard,
		       void (*report)(void *ctx, const struct lab_run *run), void *ctx)
{
	char folder[] = "/tmp/epscope-lab.XXXXXX", truth[sizeof(folder) + 8];
	struct watched w = { .model = model_new(), .run.truth = &w.truth };
	enum exit_code code = EXIT_FAILED;

	if (!w.model) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	if (mkdtemp(folder)) {
		snprintf(truth, sizeof(truth), "%s/truth", folder);
		code = run_in(&w, e, o, dashboard, truth);
		unlink(truth);
		rmdir(folder);
	} else {
		log_error("%s: %s", folder, strerror(errno));
	}
	if (!code)
		report(ctx, &w.run);
	lab_truth_free(&w.truth);
	lab_run_free(&w.run);
	model_free(w.model);
	return code;
}
