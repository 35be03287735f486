/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"A non-blocking connect() of TCP sends the SYN and returns EINPROGRESS. The program registers "
	"the socket for EPOLLOUT, and asks with SO_ERROR how it ended when the event comes: EPOLLOUT "
	"says that it is over, not that it went well.\n\n"
	"Even over the loopback, where the answer is mostly there before connect() returns, the "
	"result is EINPROGRESS: connect() holds the socket's lock, and what arrives meanwhile is "
	"processed when it lets go. So the first epoll_wait() mostly returns at once. tcp_poll() "
	"makes the mask of the socket's state: established is EPOLLOUT. After a refusal "
	"(tcp_reset()) the socket has an error and is closed, which is EPOLLOUT, EPOLLERR and "
	"EPOLLHUP together (and EPOLLIN and EPOLLRDHUP for who asked for them). Asking for "
	"SO_ERROR clears the error: a second call returns 0.\n\n"
	"The case \"full\" has to wait for real. The queue of the listener is full, so "
	"tcp_conn_request() drops the SYN. The client sees neither an error nor an event, until its "
	"kernel sends the SYN again after about a second. By then the server has accepted, and "
	"EPOLLOUT comes. Connections that take a whole second are a sign of such a queue, or of a "
	"lost packet.\n\n"
	"A socket that was not connected yet is closed to tcp_poll(): who registers it before connect() "
	"gets EPOLLOUT and EPOLLHUP at once (case \"early\"), and SO_ERROR is 0 since nothing has failed. "
	"Only getpeername() tells that there is no connection. Call connect() first, then "
	"register.\n\n"
	"The case \"client\" connects to an open and to a closed port many times at once, and then "
	"reads what the server sends. With --broken it does not ask for SO_ERROR, and counts refused "
	"connections as made; the failure turns up later, where it is hard to understand.\n\n"
	"Look at: delivered, mods and ret_timeout of the cases.";

static void verdict_ports(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	lab_equal(run, "open: connect() went on in the background", rounds,
		  lab_said(run, "open_background"));
	lab_equal(run, "open: EPOLLOUT, and no error", rounds, lab_said(run, "open_as_told"));
	lab_equal(run, "open: delivered", rounds, lab_figure(run, "open", "delivered"));
	lab_equal(run, "closed: connect() went on in the background", rounds,
		  lab_said(run, "closed_background"));
	lab_equal(run, "closed: OUT, ERR and HUP, and refused", rounds,
		  lab_said(run, "closed_as_told"));
	lab_equal(run, "closed: SO_ERROR asked again: an error", 0, lab_said(run, "closed_again"));
	lab_equal(run, "closed: delivered", rounds, lab_figure(run, "closed", "delivered"));
}

static void verdict_full(struct lab_run *run)
{
	lab_equal(run, "full: waits in vain", 1, lab_figure(run, "full", "ret_timeout"));
	lab_equal(run, "full: delivered, after the queue had room", 1,
		  lab_figure(run, "full", "delivered"));
	lab_equal(run, "full: callbacks that linked the item", 1,
		  lab_figure(run, "full", "cb_ready"));
	/* The kernel's first retry comes after 1 s, counted in jiffies: up to 10 ms less. */
	lab_at_least(run, "full: ms from connect() to EPOLLOUT", 990, lab_said(run, "full_ms"));
}

static void verdict_client(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	lab_equal(run, "client: counted as connected", rounds, lab_said(run, "client_connected"));
	lab_equal(run, "client: greeted by the server", rounds, lab_said(run, "client_greeted"));
	/* How each connect() ended, and the greetings. */
	lab_equal(run, "client: delivered", 3 * rounds, lab_figure(run, "client", "delivered"));
	lab_equal(run, "client: EPOLLOUT changed to EPOLLIN", rounds,
		  lab_figure(run, "client", "mods"));
}

static void verdict(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	verdict_ports(run);
	verdict_full(run);
	lab_equal(run, "early: OUT and HUP before connect()", rounds,
		  lab_said(run, "early_before"));
	lab_equal(run, "early: delivered", 2 * rounds, lab_figure(run, "early", "delivered"));
	verdict_client(run);
}

const struct experiment lab_connect = {
	.name = "connect",
	.title = "connect() without waiting, and how epoll tells its end",
	.text = text,
	.program = "lab_connect",
	.verdict = verdict,
};
