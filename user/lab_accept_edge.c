/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"A crowd of clients connects at once to a server whose listening socket is registered with "
	"EPOLLET. One server (once) calls accept() once per event, the other (until-eagain) until "
	"accept() says EAGAIN. Then some more clients come, one by one.\n\n"
	"Each finished handshake puts a connection into the listener's accept queue, and "
	"tcp_child_process() has the listener call sock_def_readable(): a callback per connection "
	"(ep_poll_callback). The first callback links the listener's item to the ready list (rdllist); "
	"the others find it there already, and change nothing. A ready list holds items, not events: "
	"however many came, epoll_wait() returns one event for the listener.\n\n"
	"The server that takes one connection for it goes back to sleep with the others in the queue. "
	"To those clients all looks well: the kernel has made the connection, they may even send; but "
	"nobody answers. A late client is one more edge. The server wakes, accepts the oldest of the "
	"queue, not that client, and the queue is as long as before: from then on everyone is served "
	"when somebody else comes. When the queue is full the kernel drops further handshakes (by default).\n\n"
	"The cure: with EPOLLET, accept until EAGAIN. (Or register the listener level-triggered: as "
	"long as the queue is not empty, the next wait returns at once.) Any other way out of the "
	"loop leaves connections behind as well: after EMFILE there is no new edge for them, so "
	"try again later, or make room as in busy-loops.\n\n"
	"Look at: callbacks and events of the two listeners, which are as many; adds, since each "
	"accepted connection is registered; and what is left in the accept queue, as the kernel tells "
	"it with TCP_INFO (tcpi_unacked of a listener).";

static void events(struct lab_run *run, const char *name, const char *const what[4], s64 crowd,
		   s64 late)
{
	/* An edge for the crowd, one for each that came alone; each is followed by silence. */
	lab_equal(run, what[0], 1 + late, lab_figure(run, name, "delivered"));
	lab_equal(run, what[1], 1 + late, lab_figure(run, name, "ret_timeout"));
	lab_equal(run, what[2], 1 + late, lab_figure(run, name, "cb_ready"));
	lab_equal(run, what[3], crowd - 1, lab_figure(run, name, "cb_already"));
}

static void verdict(struct lab_run *run)
{
	static const char *const once[] = {
		"once: events of the listener",
		"once: waits that saw nothing",
		"once: callbacks that linked the item",
		"once: callbacks that found it linked",
	};
	static const char *const cured[] = {
		"until-eagain: events of the listener",
		"until-eagain: waits that saw nothing",
		"until-eagain: callbacks that linked the item",
		"until-eagain: callbacks that found it linked",
	};
	s64 crowd = lab_said(run, "crowd"), late = lab_said(run, "late");

	events(run, "once", once, crowd, late);
	events(run, "until-eagain", cured, crowd, late);
	/* The listener itself is one of them. */
	lab_equal(run, "once: registered: listener and accepted", 1 + 1 + late,
		  lab_figure(run, "once", "adds"));
	lab_equal(run, "until-eagain: the same", 1 + crowd + late,
		  lab_figure(run, "until-eagain", "adds"));
	lab_equal(run, "once: left in the accept queue", crowd - 1, lab_said(run, "once_queue"));
	lab_equal(run, "until-eagain: left in the accept queue", 0, lab_said(run, "cured_queue"));
	lab_equal(run, "once: accepted at last, without an event", crowd - 1,
		  lab_said(run, "once_stranded"));
	lab_equal(run, "until-eagain: the same", 0, lab_said(run, "cured_stranded"));
}

const struct experiment lab_accept_edge = {
	.name = "accept-edge",
	.title = "An edge-triggered listener that accepts once per event",
	.text = text,
	.program = "lab_accept_edge",
	.verdict = verdict,
};
