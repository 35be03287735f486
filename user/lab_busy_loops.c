/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"An event loop that burns a processor and does no work: four ways to get there, each beside "
	"its cure on the same traffic. A loop that spins is ended after a number of turns; by itself "
	"it would go on for ever.\n\n"
	"A level-triggered item goes back to the ready list (rdllist) when ep_send_events() delivers "
	"it, and the next wait asks its file again. As long as the file says ready, epoll_wait() "
	"does not sleep, and for that no new callback is needed: compare the callbacks with the "
	"returns. So whatever an event tells must be changed by the handler: read it, write it, "
	"switch it off, or close the file.\n\n"
	"out: an answer does not fit into the send buffer, EPOLLOUT is armed for the rest, and stays "
	"armed. An idle socket is writable nearly always. The cure: EPOLL_CTL_MOD to EPOLLIN alone as "
	"soon as nothing is left to send.\n\n"
	"hup: the peer closes, read() returns 0, and the handler takes that for \"no data\". A closed "
	"connection is readable for ever. To ask for less is no cure: EPOLLHUP and EPOLLERR are "
	"reported whatever the mask says. The cure: at read() 0 or an error, EPOLL_CTL_DEL and "
	"close().\n\n"
	"poll: waits with timeout 0, by intention or since the time to the next deadline was rounded "
	"down to 0 ms. The cure: a timeout that reaches to the next deadline (rounded up), or -1.\n\n"
	"emfile: all descriptors are in use. accept() asks for a free descriptor before it takes a "
	"connection from the queue, fails with EMFILE, and the connection stays where it is: the "
	"listener is ready again. The cure: keep one descriptor in reserve; when accept() fails, close "
	"it, accept, close the connection, and take the reserve again. (With several threads under "
	"a lock: another one could take the number meanwhile.) The client is told at once, and the "
	"queue gets empty. (Or stop watching the listener until a connection has ended.)\n\n"
	"Look at: returns, callbacks and put back of each pair.";

static void out(struct lab_run *run, s64 turns)
{
	/* The request, and room for the rest each time that the buffer had been full. */
	s64 events = 1 + lab_said(run, "out_cured_full");

	/* The kernel doubles SO_SNDBUF, and no more than that goes in at once. */
	lab_at_least(run, "out-cured: times that the buffer was full", 256 / 32 - 1,
		     lab_said(run, "out_cured_full"));
	lab_equal(run, "out: returns with an event", turns, lab_figure(run, "out", "ret_events"));
	lab_equal(run, "out-cured: returns with an event", events,
		  lab_figure(run, "out-cured", "ret_events"));
	lab_equal(run, "out: put back on the ready list", turns,
		  lab_figure(run, "out", "put_back"));
	lab_equal(run, "out: armed (EPOLL_CTL_MOD)", 1, lab_figure(run, "out", "mods"));
	lab_equal(run, "out-cured: armed and disarmed", 2, lab_figure(run, "out-cured", "mods"));
}

static void hup(struct lab_run *run, s64 turns)
{
	s64 arrivals = lab_said(run, "messages") + 1; /* and the end */

	lab_equal(run, "hup: returns with an event", turns, lab_figure(run, "hup", "ret_events"));
	lab_equal(run, "hup-cured: returns with an event", arrivals,
		  lab_figure(run, "hup-cured", "ret_events"));
	lab_equal(run, "hup: callbacks", arrivals, lab_figure(run, "hup", "callbacks"));
	lab_equal(run, "hup-cured: callbacks", arrivals, lab_figure(run, "hup-cured", "callbacks"));
	lab_equal(run, "hup: taken off (EPOLL_CTL_DEL)", 0, lab_figure(run, "hup", "dels"));
	lab_equal(run, "hup-cured: taken off (EPOLL_CTL_DEL)", 1,
		  lab_figure(run, "hup-cured", "dels"));
}

static void poll(struct lab_run *run, s64 turns)
{
	s64 requests = lab_said(run, "requests");

	lab_equal(run, "poll: returns with nothing", turns, lab_figure(run, "poll", "ret_timeout"));
	lab_equal(run, "poll-cured: returns with nothing", requests,
		  lab_figure(run, "poll-cured", "ret_timeout"));
	lab_equal(run, "poll: returns with an event", requests,
		  lab_figure(run, "poll", "ret_events"));
	lab_equal(run, "poll-cured: returns with an event", requests,
		  lab_figure(run, "poll-cured", "ret_events"));
}

static void emfile(struct lab_run *run, s64 turns)
{
	s64 connections = lab_said(run, "connections");

	lab_equal(run, "emfile: returns with an event", turns,
		  lab_figure(run, "emfile", "ret_events"));
	lab_equal(run, "emfile-cured: returns with an event", connections,
		  lab_figure(run, "emfile-cured", "ret_events"));
	lab_equal(run, "emfile: callbacks", connections, lab_figure(run, "emfile", "callbacks"));
	lab_equal(run, "emfile-cured: callbacks", connections,
		  lab_figure(run, "emfile-cured", "callbacks"));
	lab_equal(run, "emfile: accepts that failed", turns, lab_said(run, "emfile_failed"));
	lab_equal(run, "emfile-cured: accepts that failed", connections,
		  lab_said(run, "emfile_cured_failed"));
}

static void verdict(struct lab_run *run)
{
	s64 turns = lab_said(run, "turns");

	out(run, turns);
	hup(run, turns);
	poll(run, turns);
	emfile(run, turns);
	/* One that has nothing to do sleeps: at its end, and before each request of poll-cured. */
	lab_equal(run, "cured: waits that slept in vain", 3 + lab_said(run, "requests"),
		  lab_figure(run, "*-cured", "ret_timeout"));
}

const struct experiment lab_busy_loops = {
	.name = "busy-loops",
	.title = "Four event loops that spin, and their cures",
	.text = text,
	.program = "lab_busy_loops",
	.verdict = verdict,
};
