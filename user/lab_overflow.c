/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"epoll_wait() takes the whole ready list (rdllist) for itself (ep_start_scan()), polls "
	"each item and copies its event to the program. The copy may sleep, for instance because "
	"the page of the array has to be fetched, so no spinlock is held meanwhile, only the mutex "
	"of the instance (ep->mtx): another thread's epoll_ctl() has to wait. What about an item "
	"that becomes ready just then?\n\n"
	"As long as a scan is running ep_poll_callback() does not touch the ready list. It links the "
	"item to a second list, the overflow list (ovflist). An item stands there once, however many "
	"messages arrive: the next callback sees that it is listed already. At the end of the scan "
	"(ep_done_scan(); up to 5.10 both are parts of ep_scan_ready_list()) all items of the "
	"overflow list are linked to the ready list, so the next epoll_wait() delivers them. "
	"Nothing is lost, and nothing is reported twice.\n\n"
	"Usually that window is short. Here it is kept open: the event array lies on a "
	"page without memory, and userfaultfd (a program may answer for page faults) gives the page "
	"only after messages have arrived on the other sockets. The stopped wait returns one event, "
	"that of the socket that began it, though the array has room for all.\n\n"
	"So fewer events than fit do not mean that nothing else is ready. A reader that takes it "
	"so and does other things first leaves messages behind; the cure is to wait again until a "
	"wait returns nothing.\n\n"
	"Look at: overflow while a scan is stopped, and delivered.";

struct mode {
	const char *name, *stopped; /* the instance, the phase */
	const char *first_batch, *bytes;
	const char *what[8];
};

static const struct mode lt = {
	"lt",
	"lt_stopped",
	"lt_first_batch",
	"lt_bytes",
	{ "LT: callbacks to the overflow list", "LT: callbacks of what was on it already",
	  "LT: items found on it at the end of scans", "LT: overflow list of the last stopped scan",
	  "LT: events of the stopped waits", "LT: events delivered in all",
	  "LT: returns with nothing, after all were read", "LT: bytes read" },
};

static const struct mode et = {
	"et",
	"et_stopped",
	"et_first_batch",
	"et_bytes",
	{ "ET: callbacks to the overflow list", "ET: callbacks of what was on it already",
	  "ET: items found on it at the end of scans", "ET: overflow list of the last stopped scan",
	  "ET: events of the stopped waits", "ET: events delivered in all",
	  "ET: returns with nothing, after all were read", "ET: bytes read" },
};

static void verdict_mode(struct lab_run *run, const struct mode *m)
{
	s64 rounds = lab_said(run, "rounds"), items = lab_said(run, "items");
	s64 messages = lab_said(run, "messages");

	lab_equal(run, m->what[0], rounds * items, lab_figure(run, m->name, "cb_overflow"));
	lab_equal(run, m->what[1], rounds * items * (messages - 1),
		  lab_figure(run, m->name, "cb_already"));
	lab_equal(run, m->what[2], rounds * items, lab_figure(run, m->name, "overflowed"));
	lab_equal(run, m->what[3], items, lab_gauge(run, m->name, "overflow", m->stopped));
	lab_equal(run, m->what[4], rounds, lab_said(run, m->first_batch));
	lab_equal(run, m->what[5], rounds * (items + 1), lab_figure(run, m->name, "delivered"));
	lab_equal(run, m->what[6], rounds, lab_figure(run, m->name, "ret_timeout"));
	lab_equal(run, m->what[7], rounds * (items * messages + 1), lab_said(run, m->bytes));
}

static void verdict(struct lab_run *run)
{
	verdict_mode(run, &lt);
	verdict_mode(run, &et);
}

const struct experiment lab_overflow = {
	.name = "overflow",
	.title = "The overflow list: what becomes ready while a scan is running",
	.text = text,
	.program = "lab_overflow",
	.verdict = verdict,
};
