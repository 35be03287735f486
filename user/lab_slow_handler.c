/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"Eight connections, one thread that serves them all, and one request that takes long. While "
	"the handler of that request runs, the thread is not in epoll_wait(), and nobody else gets "
	"an answer, although no processor is busy.\n\n"
	"The kernel goes on working meanwhile: data arrives, ep_poll_callback() links one item after "
	"the other to the ready list (rdllist), and finds nobody to wake. The list grows until the "
	"thread comes back; then one scan (ep_send_events()) delivers all of it at once, as far as "
	"the array has room. Each of these requests has waited almost as long as the slow handler "
	"took.\n\n"
	"The cure: the loop does nothing that can take long. The server \"workers\" puts each request "
	"into a queue (a mutex and a condition variable), and waits again at once; threads take it "
	"from there. EPOLLONESHOT sees to it that a connection is with one thread at most: after an "
	"event the item is disabled until the worker, with its answer sent, arms it again with "
	"EPOLL_CTL_MOD. ep_modify() polls the file, so that data which came meanwhile is not "
	"missed.\n\n"
	"With --broken the threads of \"workers\" have nothing to do, since its loop handles the "
	"requests itself.\n\n"
	"Look at: ready_peak (most items found on the ready list), handler_max (longest time between "
	"a return and the next wait) and mods of the two instances, and what the short requests took.";

static s64 ms(s64 ns)
{
	return ns == LAB_MISSING || ns == UNKNOWN_S64 ? ns : ns / 1000000;
}

static void verdict_blocked(struct lab_run *run)
{
	s64 conns = lab_said(run, "conns"), slow = lab_said(run, "slow_ms");

	lab_equal(run, "blocked: short answers before the long one", 0,
		  lab_said(run, "blocked_before"));
	/* The slow one itself is level-triggered and put back; the others come while it is handled,
	 * unless the client is not run for so long, which does not happen in each round. */
	lab_equal(run, "blocked: most items on the ready list", conns,
		  lab_most(run, "blocked", "ready_peak"));
	lab_equal(run, "blocked: most events of one return", conns - 1,
		  lab_most(run, "blocked", "events_max"));
	lab_at_least(run, "blocked: longest handler, ms", slow,
		     ms(lab_most(run, "blocked", "handler_max_ns")));
	/* The client sends as soon as the long one has begun, so nearly all of its time; half is
	 * for a machine that does not run the client at once. */
	lab_at_least(run, "blocked: longest from ready to delivered, ms", slow / 2,
		     ms(lab_most(run, "blocked", "ready_max_ns")));
}

static void verdict_workers(struct lab_run *run)
{
	s64 conns = lab_said(run, "conns"), rounds = lab_said(run, "rounds");
	s64 slow = lab_said(run, "slow_ms");

	/* All of them, as long as the machine runs the threads within the time of the slow one: half
	 * is for a loaded one. In the loop it cannot be a single one. */
	lab_at_least(run, "workers: short answers before the long one", (conns - 1) * rounds / 2,
		     lab_said(run, "workers_before"));
	lab_at_most(run, "workers: longest handler, ms", slow - 1,
		    ms(lab_most(run, "workers", "handler_max_ns")));
	lab_at_most(run, "workers: longest from ready to delivered, ms", slow - 1,
		    ms(lab_most(run, "workers", "ready_max_ns")));
}

static void verdict(struct lab_run *run)
{
	s64 conns = lab_said(run, "conns"), rounds = lab_said(run, "rounds");

	verdict_blocked(run);
	verdict_workers(run);
	/* Each request, and the end of each connection. */
	lab_equal(run, "blocked: delivered", conns * (rounds + 1),
		  lab_figure(run, "blocked", "delivered"));
	lab_equal(run, "workers: delivered", conns * (rounds + 1),
		  lab_figure(run, "workers", "delivered"));
	lab_equal(run, "blocked: armed again", 0, lab_figure(run, "blocked", "mods"));
	lab_equal(run, "workers: armed again, once a request", conns * rounds,
		  lab_figure(run, "workers", "mods"));
}

const struct experiment lab_slow_handler = {
	.name = "slow-handler",
	.title = "One slow handler blocks them all, and threads as the cure",
	.text = text,
	.program = "lab_slow_handler",
	.verdict = verdict,
};
