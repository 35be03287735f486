/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"epoll_ctl() is told a descriptor, a mere number, but what it registers is the open file behind "
	"it: an item holds both, and its place in the tree follows from both. close() removes the "
	"item only if it closes the last descriptor of that file (eventpoll_release_file()). With "
	"dup() or fork() there is another one, in the process or in a child, and the item stays.\n\n"
	"dup and fork: the server closes its connection, and the client goes on sending. Every wait "
	"delivers an event, with user data that belong to a connection that is long gone. In a real "
	"program that is a loop at full speed, or a pointer to freed memory. EPOLL_CTL_DEL does not "
	"help any more: the number is closed, it says EBADF.\n\n"
	"reused: worse, the number has been given to a new connection, which is registered as well. "
	"There are two items with one number, and that is no EEXIST, since the files differ. The events "
	"of the old one look like events of the new one, which is silent. EPOLL_CTL_DEL now hits the "
	"new one; a second call says ENOENT, and the old one goes on.\n\n"
	"cured: EPOLL_CTL_DEL before close(), whenever there may be another descriptor of the file. "
	"Also good: SOCK_CLOEXEC and the like, so that programs started by the server inherit "
	"nothing (they close at execve(), a mere fork() still copies).\n\n"
	"Look at: items and delivered while closed, and released when the last descriptor is closed.";

static void verdict_events(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	lab_equal(run, "dup: events of the closed number", rounds,
		  lab_figure(run, "dup", "delivered"));
	lab_equal(run, "fork: events of the closed number", rounds,
		  lab_figure(run, "fork", "delivered"));
	lab_equal(run, "reused: events of the wrong connection", 2 * rounds,
		  lab_figure(run, "reused", "delivered"));
	lab_equal(run, "cured: events", 0, lab_figure(run, "cured", "delivered"));
}

static void verdict_items(struct lab_run *run)
{
	lab_equal(run, "dup: items when closed", 1, lab_gauge(run, "dup", "items", "closed"));
	lab_equal(run, "fork: items when closed", 1, lab_gauge(run, "fork", "items", "closed"));
	lab_equal(run, "reused: items with one number", 2,
		  lab_gauge(run, "reused", "items", "closed"));
	lab_equal(run, "cured: items when closed", 0, lab_gauge(run, "cured", "items", "closed"));
	lab_equal(run, "reused: items after EPOLL_CTL_DEL", 1,
		  lab_gauge(run, "reused", "items", "deleted"));
	lab_equal(run, "dup: items without any descriptor", 0,
		  lab_gauge(run, "dup", "items", "gone"));
	lab_equal(run, "fork: items without any descriptor", 0,
		  lab_gauge(run, "fork", "items", "gone"));
	lab_equal(run, "reused: items without any descriptor", 0,
		  lab_gauge(run, "reused", "items", "gone"));
}

static s64 after(const struct lab_run *run)
{
	static const char *const keys[] = { "fork_after", "dup_after", "reused_after",
					    "cured_after" };
	s64 all = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (lab_said(run, keys[i]) == LAB_MISSING)
			return LAB_MISSING;
		all += lab_said(run, keys[i]);
	}
	return all;
}

static void verdict_removal(struct lab_run *run)
{
	lab_equal(run, "dup: EPOLL_CTL_DEL says EBADF", 1, lab_said(run, "dup_ebadf"));
	lab_equal(run, "fork: EPOLL_CTL_DEL says EBADF", 1, lab_said(run, "fork_ebadf"));
	lab_equal(run, "reused: the first EPOLL_CTL_DEL is accepted", 1,
		  lab_said(run, "reused_removed"));
	lab_equal(run, "reused: a second EPOLL_CTL_DEL says ENOENT", 1,
		  lab_said(run, "reused_enoent"));
	lab_equal(run, "failed epoll_ctl of the three", 3, lab_figure(run, "[dfr]*", "ctl_errors"));
	lab_equal(run, "reused: removed by EPOLL_CTL_DEL", 1, lab_figure(run, "reused", "dels"));
	lab_equal(run, "cured: removed by EPOLL_CTL_DEL", 1, lab_figure(run, "cured", "dels"));
	lab_equal(run, "removed by the last close of the three", 3,
		  lab_figure(run, "[dfr]*", "released"));
	lab_equal(run, "cured: removed by the last close", 0, lab_figure(run, "cured", "released"));
	lab_equal(run, "events after the last close, all together", 0, after(run));
}

static void verdict(struct lab_run *run)
{
	verdict_events(run);
	verdict_items(run);
	verdict_removal(run);
}

const struct experiment lab_outlive = {
	.name = "outlive",
	.title = "Descriptors that are closed, and go on to report events",
	.text = text,
	.program = "lab_outlive",
	.verdict = verdict,
};
