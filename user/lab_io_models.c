/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"Four senders, one receiver, and the same messages in five models of input and output. Each "
	"sender starts with a burst, and then sends a message about every millisecond.\n\n"
	"What wakes a receiver is the same in all of them: the sender's call puts the message into the "
	"queue of the socket, and sock_def_readable() wakes the socket's wait queue and, if somebody "
	"has asked for it, sends a signal. The models differ in who waits there. Blocking: a thread "
	"that sleeps in recv(), so each source needs one. Polling: nobody, and nearly every recv() "
	"ends with EAGAIN. Multiplexing: ep_poll_callback() of the epoll item, and one thread sleeps "
	"in epoll_wait() for all sources; then a recv() for what it names. io_uring: there the "
	"request itself waits in the socket's wait queue, and no thread need sleep.\n\n"
	"Signal-driven: with O_ASYNC and F_SETSIG, send_sigio() queues a real-time signal for each "
	"message, and sigwaitinfo() returns its descriptor. The queue is short here (RLIMIT_SIGPENDING), "
	"so the burst fills it; then a SIGIO comes instead, which stands for any number of messages of "
	"any source.\n\n"
	"Asynchronous: io_uring is not asked who is ready. It is given a buffer for each source, the "
	"kernel does the receiving when the message is there, and a completion tells that it is done. "
	"One io_uring_enter() hands over the next requests and waits for the next completion; no recv() "
	"follows.\n\n"
	"Signals, like EPOLLET, tell of a change and not of what is left. With --broken the receiver "
	"takes one message for each signal and does not know SIGIO, and takes one message for each "
	"event of epoll although it asked for EPOLLET: part of the messages stay in the sockets. The "
	"cure is to read until EAGAIN, and to read all sources after a SIGIO.\n\n"
	"Look at: calls, switches (how often the receiver slept) and processor time in the table; and "
	"events and waits of the one instance.";

static void received(struct lab_run *run, s64 all)
{
	lab_equal(run, "blocking: messages received", all, lab_said(run, "blocking_received"));
	lab_equal(run, "polling: messages received", all, lab_said(run, "polling_received"));
	lab_equal(run, "epoll: messages received", all, lab_said(run, "epoll_received"));
	lab_equal(run, "signals: messages received", all, lab_said(run, "signals_received"));
	if (lab_said(run, "uring"))
		lab_equal(run, "io_uring: messages received", all, lab_said(run, "uring_received"));
}

/* Level-triggered, one recv() per event, and the sender's message is whole: an event for each, and one
 * for the end of each source. */
static void multiplexing(struct lab_run *run, s64 senders, s64 all)
{
	s64 events = all + senders;

	/* The other models, and the senders, have none. */
	lab_equal(run, "epoll instances", 1, run->model->ninst);
	lab_equal(run, "epoll: sources added", senders, lab_figure(run, "epoll", "adds"));
	lab_equal(run, "epoll: events", events, lab_figure(run, "epoll", "delivered"));
	lab_equal(run, "epoll: put back on the ready list", events,
		  lab_figure(run, "epoll", "put_back"));
	lab_equal(run, "epoll: waits", lab_said(run, "epoll_waits"),
		  lab_figure(run, "epoll", "waits"));
	lab_equal(run, "epoll: returns with nothing", 0, lab_figure(run, "epoll", "ret_timeout"));
	/* One per message. As a sender ends, its end can be seen just before its callback comes, and
	 * then the item is gone. */
	lab_between(run, "epoll: callbacks", all, events, lab_figure(run, "epoll", "callbacks"));
	/* How often it sleeps is up to the scheduler, but a callback wakes it at most once. */
	lab_at_most(run, "epoll: wakeups", events, lab_figure(run, "epoll", "woken"));
}

static void verdict(struct lab_run *run)
{
	s64 senders = lab_said(run, "senders");
	s64 all = senders * lab_said(run, "messages");

	received(run, all);
	multiplexing(run, senders, all);
	/* One per message, and one for the end of each source. */
	lab_equal(run, "blocking: calls", all + senders, lab_said(run, "blocking_receives"));
	/* Senders sleep between messages and the receiver never does: how often it can ask meanwhile
	 * depends on the machine, and is far more than this. */
	lab_at_least(run, "polling: calls that found nothing", all, lab_said(run, "polling_empty"));
	/* The burst is longer than the queue. */
	lab_at_least(run, "signals: times that the queue was full", 1,
		     lab_said(run, "signals_overflows"));
	if (lab_said(run, "uring"))
		lab_equal(run, "io_uring: completions", all + senders,
			  lab_said(run, "uring_events"));
}

const struct experiment lab_io_models = {
	.name = "io-models",
	.title = "Five models of input and output for one job, side by side",
	.text = text,
	.program = "lab_io_models",
	.verdict = verdict,
};
