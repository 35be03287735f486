/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"Two pipes get the same traffic. One is registered level-triggered (the default), the other "
	"with EPOLLET. In each round 2 KB arrive, the reader takes 1 KB, and waits again although "
	"1 KB is left.\n\n"
	"When data arrives, pipe_write() wakes the pipe's wait queue, and ep_poll_callback() links the "
	"item to the instance's ready list (rdllist). epoll_wait() takes the list, asks each file "
	"with ep_item_poll() whether it is ready, and copies the event (ep_send_events()). There the "
	"modes part: an LT item is put back on the ready list at once, an ET item is not.\n\n"
	"So the second wait finds the LT item listed, polls it, sees 1 KB and returns. For ET the list "
	"is empty: a wait with a timeout would sleep, and one without would sleep until new data "
	"arrives. The price of LT: after the pipe has been emptied the item is still on the list, and "
	"one more wait polls it for nothing and drops it.\n\n"
	"Look at: waits, returns and put back of the two instances.";

static void verdict(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	lab_equal(run, "LT: returns with an event", 2 * rounds,
		  lab_figure(run, "lt", "ret_events"));
	lab_equal(run, "ET: returns with an event", rounds, lab_figure(run, "et", "ret_events"));
	lab_equal(run, "LT: returns with nothing", rounds, lab_figure(run, "lt", "ret_timeout"));
	lab_equal(run, "ET: returns with nothing", 2 * rounds,
		  lab_figure(run, "et", "ret_timeout"));
	lab_equal(run, "LT: put back on the ready list", 2 * rounds,
		  lab_figure(run, "lt", "put_back"));
	lab_equal(run, "ET: put back on the ready list", 0, lab_figure(run, "et", "put_back"));
	lab_equal(run, "LT: callbacks that linked the item", rounds,
		  lab_figure(run, "lt", "cb_ready"));
	lab_equal(run, "ET: callbacks that linked the item", rounds,
		  lab_figure(run, "et", "cb_ready"));
	lab_equal(run, "LT: waits that returned after half a read", rounds,
		  lab_said(run, "lt_again"));
	lab_equal(run, "ET: waits that returned after half a read", 0, lab_said(run, "et_again"));
}

const struct experiment lab_lt_et = {
	.name = "lt-et",
	.title = "Level-triggered and edge-triggered on the same traffic",
	.text = text,
	.program = "lab_lt_et",
	.verdict = verdict,
};
