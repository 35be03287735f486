/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"Clients send a request and wait for the answer. The server watches its ends of the "
	"connections with EPOLLET. A request is four times as large as the server's buffer. One "
	"server (hangs) reads one buffer per event and goes back to epoll_wait(); the other (cured) "
	"reads until read() says EAGAIN.\n\n"
	"An arriving request makes the socket call sock_def_readable(), and ep_poll_callback() links "
	"the item to the ready list (rdllist). epoll_wait() delivers it and, since it is "
	"edge-triggered, does not put it back. From then on only the next callback, that is the next "
	"arrival, links it again (or an EPOLL_CTL_MOD, which polls the file anew). What lies in the "
	"socket's buffer is no arrival: it has been told once.\n\n"
	"So the first server sleeps with data in the buffer. It waits for the rest of a request that "
	"has come already, and the client waits for the answer. Neither is wrong by itself, nothing "
	"fails, and no processor is busy. When the clients send their next requests, the server wakes "
	"once more per connection, reads one more buffer of the old request, and falls behind further "
	"than before.\n\n"
	"The cure: with EPOLLET, read until EAGAIN, then wait. (Or use the default, level-triggered: "
	"there a socket with data is reported again.) With the cure, the same traffic and the same "
	"number of events give an answer to every request.\n\n"
	"Look at: the events of the two servers, which are as many; the bytes left, which are not; and "
	"the events of the clients, which are the answers.";

static s64 in_ms(s64 ns)
{
	return ns == LAB_MISSING || ns == UNKNOWN_S64 ? ns : ns / 1000000;
}

static void servers(struct lab_run *run, s64 requests)
{
	s64 waves = lab_said(run, "waves"), idle_ms = lab_said(run, "idle_ms");

	lab_equal(run, "hangs: events, one per arrival", requests,
		  lab_figure(run, "hangs", "delivered"));
	lab_equal(run, "cured: events, one per arrival", requests,
		  lab_figure(run, "cured", "delivered"));
	lab_equal(run, "hangs: callbacks that linked an item", requests,
		  lab_figure(run, "hangs", "cb_ready"));
	lab_equal(run, "cured: callbacks that linked an item", requests,
		  lab_figure(run, "cured", "cb_ready"));
	lab_equal(run, "hangs: put back on the ready list", 0,
		  lab_figure(run, "hangs", "put_back"));
	lab_equal(run, "hangs: waits with data left that saw nothing", waves,
		  lab_figure(run, "hangs", "ret_timeout"));
	/* A timer of the kernel is never early; how late it is nobody knows. The time that epscope
	 * sees begins a moment after the kernel has set the end. */
	lab_at_least(run, "hangs: the longest of them, ms",
		     idle_ms == LAB_MISSING ? LAB_MISSING : idle_ms - 1,
		     in_ms(lab_figure(run, "hangs", "blocked_max_ns")));
}

static void verdict(struct lab_run *run)
{
	s64 clients = lab_said(run, "clients"), waves = lab_said(run, "waves");
	s64 request = lab_said(run, "request"), buffer = lab_said(run, "buffer");
	s64 requests = clients * waves;

	servers(run, requests);
	lab_equal(run, "hangs: bytes left in the sockets", requests * (request - buffer),
		  lab_said(run, "hangs_left"));
	lab_equal(run, "cured: bytes left in the sockets", 0, lab_said(run, "cured_left"));
	/* One buffer per wave and client has been read, all of the first requests. */
	lab_equal(run, "hangs: answers that reached a client", waves * buffer / request * clients,
		  lab_figure(run, "hangs-clients", "delivered"));
	/* An LT item with one answer: the client reads it, so that it is told once. */
	lab_equal(run, "cured: answers that reached a client", requests,
		  lab_figure(run, "cured-clients", "delivered"));
}

const struct experiment lab_lost_edge = {
	.name = "lost-edge",
	.title = "An edge-triggered reader that stops before EAGAIN hangs",
	.text = text,
	.program = "lab_lost_edge",
	.verdict = verdict,
};
