/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"The descriptor of an epoll instance can itself be watched: it is readable as long as there is "
	"an event to be had from it. That is how one event loop runs inside another. Here level1 "
	"watches a socket, level2 watches level1, and so on up to level5, where a thread sleeps.\n\n"
	"One message, and ep_poll_callback() runs once for each level: it links the item of the socket "
	"to the ready list of level1, wakes those who watch level1 (ep_poll_safewake()), and that is "
	"the callback of level2's item, and so on. At the top it wakes the thread. The "
	"scan there asks level4 whether it is ready (ep_item_poll()), which asks level3, down to the "
	"socket.\n\n"
	"What level5 delivers is the descriptor of level4, with EPOLLIN: not the message, only where "
	"to wait next. The thread has to follow: a wait on level4 gives level3, and in the end level1 "
	"gives the socket. Only when the socket has been read is every level quiet. An "
	"event loop that takes the outer event for done without running the inner loop gets it again "
	"at once, for ever: level-triggered, a processor at full load.\n\n"
	"Depth is limited, since all levels are walked by recursion in the kernel (EP_MAX_NESTS is 4: "
	"above a descriptor at most five in a row). EPOLL_CTL_ADD of an instance looks for that and for "
	"cycles first (ep_loop_check()): ELOOP says too deep, or that an instance would watch "
	"itself through others. Too deep can also be EINVAL, on some older kernels. An instance "
	"directly in itself is EINVAL. EINVAL is also the answer to too many ways up from one file "
	"(reverse_path_check()).\n\n"
	"Look at: callbacks and returns of each level, and who was woken.";

static void verdict_limits(struct lab_run *run)
{
	lab_equal(run, "levels 1 to 5: items added", lab_said(run, "levels"),
		  lab_figure(run, "level[1-5]", "adds"));
	lab_equal(run, "level 6: items added", 0, lab_figure(run, "level6", "adds"));
	lab_equal(run, "level 6: refused", 1, lab_figure(run, "level6", "ctl_errors"));
	lab_equal(run, "cycle: refused, and an instance in itself", 2,
		  lab_figure(run, "cycle*", "ctl_errors"));
	lab_equal(run, "cycle: is ELOOP", 1, lab_said(run, "cycle_eloop"));
	lab_equal(run, "an instance in itself: is EINVAL", 1, lab_said(run, "self_einval"));
}

static void verdict_messages(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	lab_equal(run, "callbacks: least of the levels", rounds,
		  lab_least(run, "level[1-5]", "callbacks"));
	lab_equal(run, "callbacks: most of the levels", rounds,
		  lab_most(run, "level[1-5]", "callbacks"));
	lab_equal(run, "level 5: threads woken", rounds, lab_figure(run, "level5", "woken"));
	lab_equal(run, "levels 1 to 4: threads woken", 0, lab_figure(run, "level[1-4]", "woken"));
	/* Once by the callback, and again as long as nothing is read. */
	lab_equal(run, "level 5: returns with an event", 2 * rounds,
		  lab_figure(run, "level5", "ret_events"));
	lab_equal(run, "level 5: returns with nothing, after the read", rounds,
		  lab_figure(run, "level5", "ret_timeout"));
	lab_equal(run, "returns with an event: least of levels 1 to 4", rounds,
		  lab_least(run, "level[1-4]", "ret_events"));
	lab_equal(run, "returns with an event: most of levels 1 to 4", rounds,
		  lab_most(run, "level[1-4]", "ret_events"));
	lab_equal(run, "events delivered by all levels", (lab_said(run, "levels") + 1) * rounds,
		  lab_figure(run, "level[1-5]", "delivered"));
	lab_equal(run, "bytes read", rounds, lab_said(run, "bytes"));
}

static void verdict(struct lab_run *run)
{
	verdict_messages(run);
	verdict_limits(run);
}

const struct experiment lab_nested = {
	.name = "nested",
	.title = "Instances that watch instances: five levels and a socket",
	.text = text,
	.program = "lab_nested",
	.verdict = verdict,
};
