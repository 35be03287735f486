/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same service under the same load, in eight architectures, one after the other: each is in a
 * file of its own, arch_NAME.c. Here is what is around them.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arch.h"
#include "lab.h"

static const struct {
	const char *name;
	void (*serve)(struct arch *a);
	bool blocking; /* its listener */
	bool services; /* more than echo */
} table[] = {
	{ "process per connection", arch_process, .blocking = true },
	{ "thread per connection", arch_thread, .blocking = true },
	{ "reactor", arch_reactor },
	{ "reactor and queue", arch_queue },
	{ "loop per thread", arch_handover, .blocking = true },
	{ "leader/followers", arch_leaders },
	{ "proactor, simulated", arch_proactor },
	{ "super-server", arch_super, .services = true },
};

#define COUNT ARRAY_SIZE(table)

static int64_t connections = 16, messages = 50;

static void listeners_open(struct arch *a, bool services, bool blocking)
{
	a->listener = lab_listen(&a->port, ARCH_CONNECTIONS);
	a->daytime = services ? lab_listen(&a->daytime_port, ARCH_CONNECTIONS) : -1;
	a->discard = services ? lab_listen(&a->discard_port, ARCH_CONNECTIONS) : -1;
	if (blocking && fcntl(a->listener, F_SETFL, 0))
		die_errno("cannot make a listener blocking");
}

static void listeners_close(struct arch *a)
{
	close(a->listener);
	if (a->daytime >= 0)
		close(a->daytime);
	if (a->discard >= 0)
		close(a->discard);
}

/* slept: it went to sleep, and was woken later; pushed: another thread got its processor. */
struct switches {
	int64_t slept, pushed;
};

/* Of all threads and of children that have ended. */
static struct switches context_switches(void)
{
	struct rusage self, children;

	if (getrusage(RUSAGE_SELF, &self) || getrusage(RUSAGE_CHILDREN, &children))
		die_errno("getrusage failed");
	return (struct switches){ .slept = self.ru_nvcsw + children.ru_nvcsw,
				  .pushed = self.ru_nivcsw + children.ru_nivcsw };
}

static void tell(const struct arch *a, const char *name, struct switches s)
{
	int64_t all = (int64_t)connections * messages, least = a->served[0], most = least;

	for (int i = 1; i < a->workers; i++) {
		least = a->served[i] < least ? a->served[i] : least;
		most = a->served[i] > most ? a->served[i] : most;
	}
	lab_say("%-24s %8.0f %8.0f %8.0f %8.2f %8.2f %6d to %d", name,
		(double)all * (double)NS_PER_S / (double)a->load.ns,
		(double)latency_percentile(&a->load.latency, 500) / (double)NS_PER_US,
		(double)latency_percentile(&a->load.latency, 990) / (double)NS_PER_US,
		(double)s.slept / (double)all, (double)(s.slept + s.pushed) / (double)all,
		(int)(least / ARCH_MESSAGE), (int)(most / ARCH_MESSAGE));
}

static void run(struct arch *a, size_t i)
{
	struct switches before, after;
	pid_t client;

	a->connections = (int)connections;
	a->messages = (int)messages;
	a->broken = lab_broken;
	listeners_open(a, table[i].services, table[i].blocking);
	if (pipe2(a->gate, O_CLOEXEC))
		die_errno("cannot create a pipe");
	client = arch_load_start(a);
	before = context_switches();
	table[i].serve(a);
	after = context_switches(); /* the client's are not in it: nobody has reaped it */
	arch_load_join(client);
	close(a->gate[0]);
	listeners_close(a);
	tell(a, table[i].name,
	     (struct switches){ after.slept - before.slept, after.pushed - before.pushed });
}

static void numbers(const struct arch *all)
{
	int64_t echoed = 0, damaged = 0, waits = 0, delivered = 0;

	for (size_t i = 0; i < COUNT; i++) {
		echoed += all[i].load.echoed;
		damaged += all[i].load.damaged;
		waits += all[i].waits;
		delivered += all[i].delivered;
	}
	lab_number("architectures", COUNT);
	lab_number("connections", connections);
	lab_number("messages", messages);
	lab_number("workers", ARCH_WORKERS);
	lab_number("echoed", echoed);
	lab_number("damaged", damaged);
	lab_number("waits", waits);
	lab_number("delivered", delivered);
	lab_number("completions", all[COUNT - 2].completions);
	lab_number("discards", all[COUNT - 1].discards);
	lab_number("discarded", all[COUNT - 1].discarded);
	lab_number("daytimes", all[COUNT - 1].load.daytimes);
	lab_number("message_bytes", ARCH_MESSAGE);
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "connections", OPT_NUM, &connections, "N", "a multiple of 4", 4,
		  ARCH_CONNECTIONS },
		{ "messages", OPT_NUM, &messages, "N", "on each connection", 1, 10000 },
		{ .name = NULL },
	};
	struct arch *all;

	lab_init("The same echo service in eight architectures.", own, argc, argv);
	connections -= connections % ARCH_WORKERS;
	nofile_need(4 * ARCH_CONNECTIONS);
	all = mmap(NULL, COUNT * sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		   -1, 0);
	if (all == MAP_FAILED)
		die_errno("cannot share memory");
	lab_say("%-24s %8s %8s %8s %8s %8s %s", "", "echoes/s", "p50 us", "p99 us", "wakeups",
		"switches", "by worker");
	for (size_t i = 0; i < COUNT; i++)
		run(&all[i], i);
	lab_say("wakeups: of the server's threads per echo; switches: its context switches; by worker: echoes of the one "
		"with the fewest, and the most");
	numbers(all);
	lab_hold();
	lab_done();
	for (size_t i = 0; i < COUNT; i++)
		for (int k = 0; k < all[i].nepfds; k++)
			close(all[i].epfds[k]);
	munmap(all, COUNT * sizeof(*all));
	return 0;
}
