/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <sys/select.h>
#include "lab_experiments.h"

static const char *const text =
	"One echo service, three ways to wait: select(), poll() and epoll. A few connections have "
	"traffic, one message at a time; more and more others are idle (eventfds, the cheapest "
	"files to ask). What does an echo cost?\n\n"
	"select() and poll() are told all descriptors in each call. do_select() and do_poll() ask "
	"each file for its state, idle or not, and the program then searches the answer for those "
	"that are ready. So each message costs a walk over all connections.\n\n"
	"epoll is told once (EPOLL_CTL_ADD). A file that becomes ready calls ep_poll_callback(), which "
	"links its item to the ready list, and epoll_wait() looks at that list alone "
	"(ep_send_events()). Idle items are not looked at, so their number does not matter. With few "
	"connections epoll has no advantage; and what epscope costs is in the figures of epoll alone, "
	"since that is what it watches.\n\n"
	"Where each gives up: the fd_set of select() has room for descriptors below FD_SETSIZE "
	"(1,024). FD_SET() with a higher one writes behind the end of the set, which is undefined: "
	"the server must refuse the connection. The limit is that of the C library's type, and it "
	"concerns the number of the descriptor, not how many there are. poll() takes as many entries "
	"as the process may open files (RLIMIT_NOFILE), and fails with EINVAL beyond. epoll takes "
	"as many as can be opened, up to fs.epoll.max_user_watches for all instances of a user, "
	"and EPOLL_CTL_ADD fails with ENOSPC beyond (ep_insert()).\n\n"
	"With --broken the epoll server arms each descriptor again before each wait, as programs do "
	"that were ported from select(): the walk over all is back, with a system call for each.\n\n"
	"Look at: the table of costs, and mods and delivered of the epoll instances. --output FILE "
	"draws the costs (SVG).";

/* What an echo costs with that many idle connections, in percent of the cost with 10. */
static s64 growth(const struct lab_run *run, const char *way, int idle)
{
	char key[48];
	s64 few, many;

	snprintf(key, sizeof(key), "%s_cpu_10", way);
	few = lab_said(run, key);
	snprintf(key, sizeof(key), "%s_cpu_%d", way, idle);
	many = lab_said(run, key);
	return few > 0 && many > 0 ? many * 100 / few : LAB_MISSING;
}

static void verdict_epoll(struct lab_run *run)
{
	s64 messages = lab_said(run, "epoll_messages"), active = lab_said(run, "active");

	lab_equal(run, "epoll: delivered, one a message", messages,
		  lab_figure(run, "epoll-*", "delivered"));
	lab_equal(run, "epoll: returns with an event", messages,
		  lab_figure(run, "epoll-*", "ret_events"));
	lab_equal(run, "epoll: returns with nothing", 0, lab_figure(run, "epoll-*", "ret_timeout"));
	lab_equal(run, "epoll: registered, 16000 idle", 16000 + active,
		  lab_figure(run, "epoll-16000", "adds"));
	lab_equal(run, "epoll: registered anew", 0, lab_figure(run, "epoll-*", "mods"));
	lab_equal(run, "epoll: callbacks that linked an item", messages,
		  lab_figure(run, "epoll-*", "cb_ready"));
}

static void verdict_costs(struct lab_run *run)
{
	/*
	 * 100 times as many files to ask, 1,600 times as many, and always the same ones: the rest of
	 * an echo costs as much as some dozens of files. The factors leave room for caches, which are
	 * cold after a walk over all, and for a machine whose speed varies.
	 */
	lab_at_least(run, "select: cost with 1000 idle, % of 10 idle", 200,
		     growth(run, "select", 1000));
	lab_at_least(run, "poll: cost with 16000 idle, % of 10 idle", 1000,
		     growth(run, "poll", 16000));
	lab_at_most(run, "epoll: cost with 16000 idle, % of 10 idle", 500,
		    growth(run, "epoll", 16000));
}

static void verdict(struct lab_run *run)
{
	verdict_epoll(run);
	lab_equal(run, "select: first descriptor the server refused", FD_SETSIZE,
		  lab_said(run, "select_refused"));
	lab_equal(run, "poll: first number of entries refused", lab_said(run, "files") + 1,
		  lab_said(run, "poll_refuses"));
	verdict_costs(run);
}

const struct experiment lab_multiplex = {
	.name = "multiplex",
	.title = "select(), poll() and epoll under the same server",
	.text = text,
	.program = "lab_multiplex",
	.output = true,
	.verdict = verdict,
};
