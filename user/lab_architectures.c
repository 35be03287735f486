/* SPDX-License-Identifier: GPL-2.0 */
#include "lab_experiments.h"

static const char *const text =
	"One echo service, one load, eight ways to build the server, each in a file of its own "
	"(tests/server/arch_*.c). On every connection the client sends a message, waits for the echo, "
	"and sends the next one.\n\n"
	"A process or a thread per connection needs no epoll: each sleeps in its own recv(), and a "
	"message wakes the one that it is for. A reactor sleeps in one epoll_wait() for all of them. "
	"ep_poll_callback() wakes it when it sleeps, and only lists the item (on rdllist, or on ovflist "
	"during a scan) when it is at work: so under load one wakeup, and one return, bring several "
	"events.\n\n"
	"To use more than one processor, the events or the connections have to be divided. A reactor "
	"with a queue passes each event to a worker; EPOLLONESHOT keeps the connection from a second "
	"one until the first arms it again with EPOLL_CTL_MOD, which is one more system call for each "
	"message. One loop per thread divides the connections instead, over a pipe, when they are "
	"accepted: then nothing is shared, but each loop keeps what it got, so the dealing has to be "
	"even. Leader/followers has no queue: the thread that gets the event promotes the next leader "
	"and handles the event itself, so that at most one thread waits in the "
	"instance, however many there are.\n\n"
	"A proactor hands out what is complete: workers get whole requests and return whole answers, "
	"and make no call on the socket. Linux epoll reports what is ready, so here the loop does the "
	"input and output for them. It pays twice for the way between threads: once to the worker, once "
	"back. The super-server has one loop for three services, like inetd with its built-in "
	"services.\n\n"
	"Look at: switches per echo, woken against delivered, and the figures of the handover loops, "
	"which are to be equal. With --broken one loop gets all the connections, and the followers do "
	"not wait for their turn to lead.";

/* Every connection is accepted with one event, brings one per message, and one for its end: a client
 * has one message on its way, the servers read all of it, and no other thread can get the event. */
static void reactors(struct lab_run *run, s64 conns, s64 messages)
{
	s64 events = conns * (messages + 2), workers = lab_said(run, "workers");

	lab_equal(run, "reactor: descriptors added", conns + 1, lab_figure(run, "reactor", "adds"));
	lab_equal(run, "reactor: events", events, lab_figure(run, "reactor", "delivered"));
	/* How many is up to the scheduler, but each needs a callback: one of the listener, one per
	 * message, two as the client ends. */
	lab_at_most(run, "reactor: wakeups", conns * (messages + 3),
		    lab_figure(run, "reactor", "woken"));
	lab_equal(run, "reactor and queue: armed again, per message", conns * messages,
		  lab_figure(run, "queue", "mods"));
	/* The one more: the workers are at the end. */
	lab_equal(run, "reactor and queue: events", events + 1,
		  lab_figure(run, "queue", "delivered"));
	/* Their part of the connections, each once more out of the pipe, and the end of the pipe. */
	lab_equal(run, "loop per thread: descriptors of the fullest", conns / workers + 1,
		  lab_most(run, "handover*", "adds"));
	lab_equal(run, "loop per thread: events of the busiest", events / workers + 1,
		  lab_most(run, "handover*", "delivered"));
	lab_equal(run, "loop per thread: events of the idlest", events / workers + 1,
		  lab_least(run, "handover*", "delivered"));
}

static void leaders(struct lab_run *run, s64 conns, s64 messages)
{
	s64 workers = lab_said(run, "workers");

	lab_equal(run, "leader/followers: threads that wait", 1,
		  lab_gauge(run, "leaders", "waiters", "idle"));
	/* And each thread is told once that it is over. */
	lab_equal(run, "leader/followers: returns with an event", conns * (messages + 2) + workers,
		  lab_figure(run, "leaders", "ret_events"));
	/* After each message, and the listener after each connection. */
	lab_equal(run, "leader/followers: armed again", conns * (messages + 1),
		  lab_figure(run, "leaders", "mods"));
}

static void others(struct lab_run *run, s64 conns, s64 messages)
{
	lab_equal(run, "proactor: armed again, per answer", conns * messages,
		  lab_figure(run, "proactor", "mods"));
	/* A look takes all answers that are there: how many these are is up to the scheduler. */
	lab_between(run, "proactor: times that answers were there", 1, conns * messages,
		    lab_said(run, "completions"));
	lab_equal(run, "proactor: events", conns * (messages + 2) + lab_said(run, "completions"),
		  lab_figure(run, "proactor", "delivered"));
	/* What asks for the time is answered and closed, and never added. */
	lab_equal(run, "super-server: descriptors added", 3 + 2 * conns,
		  lab_figure(run, "super", "adds"));
	lab_equal(run, "super-server: events",
		  3 * conns + conns * (messages + 1) + lab_said(run, "discards"),
		  lab_figure(run, "super", "delivered"));
	lab_equal(run, "super-server: times told", conns, lab_said(run, "daytimes"));
	lab_equal(run, "super-server: bytes discarded",
		  conns * messages * lab_said(run, "message_bytes"), lab_said(run, "discarded"));
}

static void verdict(struct lab_run *run)
{
	s64 conns = lab_said(run, "connections"), messages = lab_said(run, "messages");

	lab_equal(run, "messages echoed exactly", lab_said(run, "architectures") * conns * messages,
		  lab_said(run, "echoed"));
	lab_equal(run, "echoes that were damaged", 0, lab_said(run, "damaged"));
	/* One of each that uses epoll, and one more of each further loop. */
	lab_equal(run, "instances: none of process, thread, client", lab_said(run, "workers") + 5,
		  run->model->ninst);
	reactors(run, conns, messages);
	leaders(run, conns, messages);
	others(run, conns, messages);
	lab_equal(run, "waits of all servers", lab_said(run, "waits"),
		  lab_figure(run, "*", "waits"));
}

const struct experiment lab_architectures = {
	.name = "architectures",
	.title = "One echo service in eight architectures, side by side",
	.text = text,
	.program = "lab_architectures",
	.verdict = verdict,
};
