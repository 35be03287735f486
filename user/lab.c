/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "lab_run.h"
#include "lab_text.h"
#include "log.h"
#include "output.h"
#include "signals.h"

struct told {
	struct out out;
	const struct experiment *e;
	bool json;
	size_t wrong;
};

static void tell(void *ctx, const struct lab_run *run)
{
	struct told *t = ctx;

	if (t->json)
		lab_report_json(&t->out, t->e, run);
	else
		lab_report(&t->out, t->e, run);
	t->wrong += lab_wrong(run, NULL);
}

static const struct experiment *experiment_by_name(const char *name)
{
	const struct experiment *const *all;
	size_t n;

	all = experiments(&n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

static enum exit_code one(struct told *t, const struct experiment *e, const struct options *o)
{
	bool dashboard = !o->all && !o->format_set && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
	int err;

	t->e = e;
	if (!t->json)
		lab_intro(&t->out, e, o->broken);
	if (dashboard)
		out_text(&t->out,
			 "Enter starts it in the dashboard. When it has ENDED, q leads to the "
			 "verdict: ");
	err = out_flush(&t->out);
	if (err)
		return err == -EPIPE ? EXIT_OK : EXIT_OUTPUT; /* the reader has what it wanted */
	if (dashboard && getchar() == EOF)
		dashboard = false; /* nobody is there */
	signals_install(!dashboard);
	return lab_run(e, o, dashboard, tell, t);
}

static enum exit_code every(struct told *t, const struct options *o)
{
	const struct experiment *const *all;
	enum exit_code code = EXIT_OK;
	size_t n;

	all = experiments(&n);
	for (size_t i = 0; i < n && !code && !stop_requested; i++) {
		if (i && !t->json)
			out_text(&t->out, "\n----\n\n");
		code = one(t, all[i], o);
	}
	return code;
}

/* EXIT_VERDICT if all ran, and not all is as expected. */
static enum exit_code run_them(struct told *t, const struct options *o)
{
	const struct experiment *e = o->experiment ? experiment_by_name(o->experiment) : NULL;
	enum exit_code code;

	if (o->experiment && !e) {
		log_error("lab: no experiment '%s'; epscope lab --list names them", o->experiment);
		return EXIT_USAGE;
	}
	if (o->output && !(e && e->output)) {
		log_error(
			"lab: -o goes with an experiment that draws a plot; see epscope lab --list "
			"--format json");
		return EXIT_USAGE;
	}
	code = e ? one(t, e, o) : every(t, o);
	return !code && t->wrong ? EXIT_VERDICT : code;
}

enum exit_code lab(struct options *o)
{
	struct told t = { .json = o->format == FORMAT_JSON };
	enum exit_code code = EXIT_OK;
	int err;

	out_init(&t.out, stdout);
	if ((o->experiment || o->all) && !o->list)
		code = run_them(&t, o);
	else
		lab_list(&t.out, t.json);
	err = out_flush(&t.out);
	out_free(&t.out);
	if (err == -EPIPE)
		return EXIT_OK;
	return code || !err ? code : output_told();
}
