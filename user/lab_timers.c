/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

#define WAITS_1MS  50
#define WAITS_10MS 20
#define WAITS_50MS 5

static const char *const text =
	"One loop can serve sockets, timers and signals if each of them is a descriptor. In the case "
	"\"loop\" a client sends a message and a real-time signal each round, and a periodic timer "
	"ticks meanwhile: all three come out of the same epoll_wait().\n\n"
	"A timerfd becomes readable when its timer expires: the kernel's hrtimer calls "
	"timerfd_tmrproc(), that wakes the wait queue, and ep_poll_callback() links the item. The "
	"number of ticks is not in the event but in the read. In the case \"late\" some ticks pass "
	"before the wait: one event, and one read that tells all of them. A program that counts "
	"events, not ticks, falls behind under load.\n\n"
	"A signalfd is readable while one of its signals is pending, and for that the signals must "
	"be blocked (sigprocmask): else they go to their handler, or end the process. A read takes as "
	"many as its buffer has room for, here one. Real-time signals are queued, so each is read. A "
	"standard signal that is pending already is not queued again: in the case \"merged\" several "
	"SIGUSR1 are one event and one read. With --broken the loop forgets to block the signal. The "
	"signalfd still becomes ready and its event may be told, but before the program can read, "
	"the handler takes the signal.\n\n"
	"A signal that is not blocked and has a handler makes a sleeping epoll_wait() end with "
	"EINTR, even where the handler was set with SA_RESTART; one that is ignored does not. The "
	"case \"interrupted\" opens the signal with the mask of epoll_pwait() for the time of the "
	"wait alone; with a plain epoll_wait() a signal that comes just before the call would be "
	"handled before it, and the wait would sleep on.\n\n"
	"A wait with a timeout sleeps in schedule_hrtimeout_range(). It may end late, never early: "
	"by the timer slack (select_estimate_accuracy(): a thousandth of the timeout, with a nice "
	"value above 0 five of them, at most 100 ms, or the thread's own slack if that is more; "
	"none for real-time threads), and then by the time that the thread waits for a processor. "
	"Nothing of epoll wakes it, so woken is 0.\n\n"
	"Look at: ret_signal, ret_timeout and delivered of the cases, and how late the timeouts end.";

/* The longest wait that epscope has seen, in microseconds. */
static s64 longest_us(const struct lab_run *run, const char *instance)
{
	s64 ns = lab_figure(run, instance, "blocked_max_ns");

	return ns == LAB_MISSING || ns == UNKNOWN_S64 ? ns : ns / 1000;
}

static void verdict_loop(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	lab_equal(run, "loop: signals read of the signalfd", rounds, lab_said(run, "loop_signals"));
	lab_equal(run, "loop: waits that a signal interrupted", 0,
		  lab_figure(run, "loop", "ret_signal"));
	/* A message and a signal each round, the end of the socket, and the timer: how often that
	 * is read before it expires again is a matter of scheduling. */
	lab_equal(run, "loop: delivered", 2 * rounds + 1 + lab_said(run, "loop_timer_reads"),
		  lab_figure(run, "loop", "delivered"));
	lab_equal(run, "loop: reads that miss a tick", 0, lab_said(run, "loop_ticks_wrong"));
}

static void verdict_alone(struct lab_run *run)
{
	s64 rounds = lab_said(run, "rounds");

	lab_equal(run, "late: delivered, one for many ticks", rounds,
		  lab_figure(run, "late", "delivered"));
	/* More where the sleep before the read took longer. */
	lab_at_least(run, "late: ticks read", rounds * lab_said(run, "late_for"),
		     lab_said(run, "late_ticks"));
	lab_equal(run, "late: reads that miss a tick", 0, lab_said(run, "late_ticks_wrong"));
	lab_equal(run, "merged: delivered, one for many signals", rounds,
		  lab_figure(run, "merged", "delivered"));
	lab_equal(run, "merged: signals read", rounds, lab_said(run, "merged_taken"));
	lab_equal(run, "interrupted: waits that ended so", rounds,
		  lab_figure(run, "interrupted", "ret_signal"));
	lab_equal(run, "interrupted: times that the handler ran", rounds,
		  lab_said(run, "interrupts"));
	lab_equal(run, "interrupted: delivered", 0, lab_figure(run, "interrupted", "delivered"));
}

static void verdict_timeouts(struct lab_run *run)
{
	lab_equal(run, "timeouts: waits that ended so", WAITS_1MS + WAITS_10MS + WAITS_50MS,
		  lab_figure(run, "timeout-*", "ret_timeout"));
	lab_equal(run, "timeouts: wakeups by epoll", 0, lab_figure(run, "timeout-*", "woken"));
	lab_equal(run, "timeouts: waits that ended early", 0, lab_said(run, "early"));
	/* How late is up to the scheduler; the upper bounds are there for what cannot be. The time
	 * that epscope sees begins a moment after the kernel has set the end, which is less than
	 * what the longest of these waits takes to come back. */
	lab_between(run, "1 ms: longest wait, us", 1000, 5000000, longest_us(run, "timeout-1ms"));
	lab_between(run, "50 ms: longest wait, us", 50000, 5000000,
		    longest_us(run, "timeout-50ms"));
}

static void verdict(struct lab_run *run)
{
	verdict_loop(run);
	verdict_alone(run);
	verdict_timeouts(run);
}

const struct experiment lab_timers = {
	.name = "timers",
	.title = "Timers, signals and timeouts as events",
	.text = text,
	.program = "lab_timers",
	.verdict = verdict,
};
