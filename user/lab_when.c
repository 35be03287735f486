/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <sys/epoll.h>
#include "lab_experiments.h"

static const char *const text =
	"Edge-triggered does not mean that something has changed. It means that somebody called: each "
	"time a file wakes its wait queue with an event that is in the mask, ep_poll_callback() links "
	"the item to the ready list, and the next epoll_wait() looks at it once. Here every case is "
	"played in one thread, with looks that do not sleep.\n\n"
	"New data in a socket calls, whether its buffer was empty or not; two writes before a look are one "
	"event, since the item is on the list already. Reading brings no event: after half a read there is "
	"silence, although data is left. So read until EAGAIN.\n\n"
	"A full socket that the peer drains calls with EPOLLOUT. TCP does so only after a write "
	"ended with EAGAIN, and when a good part of its buffer is free again "
	"(sk_stream_write_space()). A Unix socket does so at every read of the peer that leaves it "
	"writable (unix_write_space()), full before or not. So write until EAGAIN, and go on when "
	"it fires.\n\n"
	"EPOLL_CTL_ADD and EPOLL_CTL_MOD look by themselves (ep_insert(), ep_modify()): what is ready then "
	"is reported without any call. A MOD with the same mask is therefore the way to ask again for "
	"what was left over.\n\n"
	"The mask is not what called. It is what the file's own poll function says at the time of the "
	"look: with EPOLLIN|EPOLLOUT registered, each new piece of data is reported together with "
	"EPOLLOUT as long as there is room to write.\n\n"
	"EPOLLERR and EPOLLHUP come without being asked for: the read end of a pipe gets EPOLLHUP when the "
	"last writer closes, the write end EPOLLERR when the last reader does. A peer that shuts down its "
	"writing side is EPOLLIN|EPOLLRDHUP (a read returns 0), one that closes its Unix stream socket "
	"is EPOLLHUP as well. EPOLLRDHUP has to be asked for. Each of them fires once: who ignores it "
	"hears of it again only when something else calls.\n\n"
	"Look at: returns and masks, case by case.";

/* What each round of a case brings. */
static const struct {
	const char *name, *what, *mask_text;
	s64 events, nothing;
	u32 mask; /* of the last event */
} cases[] = {
	{ "registered", "ADD of a readable one", "IN", 1, 1, EPOLLIN },
	{ "modified", "data, then MOD", "IN", 2, 2, EPOLLIN },
	{ "first_data", "data, buffer was empty", "IN", 1, 2, EPOLLIN },
	{ "more_data", "data, and more on top", "IN", 2, 1, EPOLLIN },
	{ "partial_read", "data, then half a read", "IN", 1, 1, EPOLLIN },
	{ "two_writes", "two writes, one look", "IN", 1, 1, EPOLLIN },
	{ "room", "full, then drained", "OUT", 1, 2, EPOLLOUT },
	{ "never_full", "Unix, never full, peer reads", "OUT", 2, 2, EPOLLOUT },
	{ "tcp_never_full", "TCP, never full, peer reads", "OUT", 1, 1, EPOLLOUT },
	{ "all_that_is", "ADD of a writable one, data", "IN|OUT", 2, 1, EPOLLIN | EPOLLOUT },
	{ "both_at_once", "full, then drained and data", "IN|OUT", 1, 2, EPOLLIN | EPOLLOUT },
	{ "half_close", "peer shut down writing", "IN|RDHUP", 1, 1, EPOLLIN | EPOLLRDHUP },
	{ "peer_close", "peer closed", "IN|RDHUP|HUP", 1, 1, EPOLLIN | EPOLLRDHUP | EPOLLHUP },
	{ "writer_close", "writer of a pipe closed", "HUP", 1, 1, EPOLLHUP },
	{ "reader_close", "reader of a pipe closed", "ERR", 1, 1, EPOLLERR },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static void verdict(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds"), nothing = 0;
	char what[80], key[48];

	for (size_t i = 0; i < CASES; i++) {
		nothing += cases[i].nothing;
		snprintf(what, sizeof(what), "%s: returns", cases[i].what);
		lab_equal(run, what, cases[i].events * rounds,
			  lab_figure(run, cases[i].name, "ret_events"));
	}
	for (size_t i = 0; i < CASES; i++) {
		snprintf(what, sizeof(what), "%s: %s", cases[i].what, cases[i].mask_text);
		snprintf(key, sizeof(key), "%s_mask", cases[i].name);
		lab_equal(run, what, cases[i].mask, lab_said(run, key));
	}
	lab_equal(run, "all: returns with nothing", nothing * rounds,
		  lab_figure(run, "*", "ret_timeout"));
	lab_equal(run, "all: put back on the ready list", 0, lab_figure(run, "*", "put_back"));
	lab_equal(run, "two writes: callbacks", 2 * rounds,
		  lab_figure(run, "two_writes", "callbacks"));
	lab_equal(run, "two writes: callbacks that linked the item", rounds,
		  lab_figure(run, "two_writes", "cb_ready"));
	lab_equal(run, "ADD of a readable one: callbacks", 0,
		  lab_figure(run, "registered", "callbacks"));
	lab_equal(run, "data, then MOD: callbacks", rounds,
		  lab_figure(run, "modified", "callbacks"));
}

const struct experiment lab_when = {
	.name = "when",
	.title = "When exactly an edge-triggered item fires, and its mask",
	.text = text,
	.program = "lab_when",
	.verdict = verdict,
};
