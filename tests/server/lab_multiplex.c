/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same echo service waits with select(), with poll() and with epoll. A few connections have
 * traffic; the number of those that are idle grows. What an echo costs, and where each gives up.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lab.h"
#include "mux.h"

#define ACTIVE   4     /* connections with traffic */
#define FILES    17000 /* open files that the program allows itself */
#define CLIENTS  16900 /* descriptors of the clients begin here: not in the way of select() */
#define CHUNKS   4     /* a cost is that of the cheapest one: without what else disturbs */
#define IDLE_MAX 16000

/* More messages where one is cheap. */
static const struct point {
	int idle;
	int messages; /* of a chunk */
} points[] = { { 10, 500 }, { 100, 250 }, { 1000, 100 }, { 4000, 25 }, { IDLE_MAX, 10 } };

#define POINTS ARRAY_SIZE(points)

static const struct mux *const ways[MUX_WAYS] = { &mux_select, &mux_poll, &mux_epoll };

struct world {
	int servers[ACTIVE], clients[ACTIVE];
	int idle[IDLE_MAX];
	int idle_count;
};

struct cost {
	int64_t cpu_ns, ns; /* per echo; 0: it was not possible */
};

/* The soft limit is the same everywhere, so that the limit of poll() is, too. */
static void limit_files(void)
{
	struct rlimit rl;

	nofile_need(FILES);
	if (getrlimit(RLIMIT_NOFILE, &rl))
		die_errno("getrlimit failed");
	rl.rlim_cur = FILES;
	if (setrlimit(RLIMIT_NOFILE, &rl))
		die_errno("setrlimit failed");
}

static void active_open(struct world *w)
{
	for (int i = 0; i < ACTIVE; i++) {
		int fds[2];

		lab_socketpair(fds);
		w->servers[i] = fds[0];
		w->clients[i] = fcntl(fds[1], F_DUPFD_CLOEXEC, CLIENTS);
		if (w->clients[i] < 0)
			die_errno("cannot duplicate a socket");
		close(fds[1]);
	}
}

/* Connections that say nothing; an eventfd is the cheapest thing to wait for. */
static void idle_open(struct world *w, int count)
{
	for (; w->idle_count < count; w->idle_count++) {
		int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

		if (fd < 0)
			die_errno("cannot create an eventfd");
		w->idle[w->idle_count] = fd;
	}
}

static int64_t cpu_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts))
		die_errno("clock_gettime failed");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* A client sends, the server has its turns until it has echoed, the client reads. */
static int64_t echo_one(const struct mux *mux, void *m, int client)
{
	int64_t echoed = 0;

	lab_write(client, MUX_MESSAGE);
	while (!echoed)
		echoed = echo_turn(mux, m);
	lab_read(client, MUX_MESSAGE);
	return echoed;
}

/* So many messages in each chunk. Returns how many were echoed. */
static int64_t measure(const struct world *w, const struct mux *mux, void *m, int each,
		       struct cost *cost)
{
	int64_t echoed = 0;

	*cost = (struct cost){ INT64_MAX, INT64_MAX };
	for (int c = 0; c < CHUNKS; c++) {
		int64_t begin = now_ns(), cpu = cpu_ns(), took;

		for (int i = 0; i < each; i++)
			echoed += echo_one(mux, m, w->clients[echoed % ACTIVE]);
		took = (cpu_ns() - cpu) / each;
		cost->cpu_ns = took < cost->cpu_ns ? took : cost->cpu_ns;
		took = (now_ns() - begin) / each;
		cost->ns = took < cost->ns ? took : cost->ns;
	}
	return echoed;
}

/* Returns the first descriptor that was refused, 0: none. */
static int add_all(const struct world *w, const struct mux *mux, void *m)
{
	for (int i = 0; i < ACTIVE; i++)
		if (mux->add(m, w->servers[i]))
			return w->servers[i];
	for (int i = 0; i < w->idle_count; i++)
		if (mux->add(m, w->idle[i]))
			return w->idle[i];
	return 0;
}

struct result {
	struct cost costs[POINTS][MUX_WAYS];
	int64_t echoed[MUX_WAYS], messages[MUX_WAYS];
	int refused[MUX_WAYS]; /* the first descriptor, 0: none */
};

static void point_run(const struct world *w, size_t point, int way, struct result *r)
{
	int each = lab_broken ? points[point].messages / 10 : points[point].messages;
	const struct mux *mux = ways[way];
	int refused;
	char name[32];
	void *m;

	snprintf(name, sizeof(name), "%s-%d", mux->name, w->idle_count);
	m = mux->open(name);
	refused = add_all(w, mux, m);
	if (refused && !r->refused[way])
		r->refused[way] = refused;
	if (!refused) {
		r->echoed[way] += measure(w, mux, m, each, &r->costs[point][way]);
		r->messages[way] += CHUNKS * each;
	}
	mux->close(m);
}

/* The first number of entries that poll() does not take; it counts all, in use or not. */
static int64_t poll_refuses(void)
{
	struct pollfd *fds = malloc((FILES + 1) * sizeof(*fds));
	int64_t refused = 0;

	if (!fds)
		die("out of memory");
	for (int i = 0; i <= FILES; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	for (int n = FILES - 1; n <= FILES + 1 && !refused; n++)
		if (poll(fds, (nfds_t)n, 0) < 0 && errno == EINVAL)
			refused = n;
	free(fds);
	return refused;
}

static const char *cost_text(char *text, size_t size, struct cost cost)
{
	if (!cost.ns)
		return "-";
	snprintf(text, size, "%.1f (%.1f)", (double)cost.cpu_ns / 1e3, (double)cost.ns / 1e3);
	return text;
}

static void say_table(const struct result *r)
{
	char text[MUX_WAYS][48];

	lab_say("us of CPU per echo (us by the clock)");
	lab_say("%6s %20s %20s %20s", "idle", ways[0]->name, ways[1]->name, ways[2]->name);
	for (size_t p = 0; p < POINTS; p++)
		lab_say("%6d %20s %20s %20s", points[p].idle,
			cost_text(text[0], sizeof(text[0]), r->costs[p][0]),
			cost_text(text[1], sizeof(text[1]), r->costs[p][1]),
			cost_text(text[2], sizeof(text[2]), r->costs[p][2]));
	lab_say("select refuses descriptor %d; poll refuses more than %d entries", r->refused[0],
		FILES);
}

static void tell(const struct result *r)
{
	char key[48];

	lab_number("files", FILES);
	lab_number("active", ACTIVE);
	lab_number("select_refused", r->refused[0]);
	lab_number("poll_refuses", poll_refuses());
	for (int way = 0; way < MUX_WAYS; way++) {
		snprintf(key, sizeof(key), "%s_messages", ways[way]->name);
		lab_number(key, r->messages[way]);
		snprintf(key, sizeof(key), "%s_echoed", ways[way]->name);
		lab_number(key, r->echoed[way]);
		for (size_t p = 0; p < POINTS; p++) {
			snprintf(key, sizeof(key), "%s_cpu_%d", ways[way]->name, points[p].idle);
			lab_number(key, r->costs[p][way].cpu_ns);
		}
	}
}

static void plot(const struct result *r)
{
	static const char *const colors[MUX_WAYS] = { "#d62728", "#ff9e1b", "#1f77b4" };
	struct plot_line lines[MUX_WAYS] = { 0 };

	for (int way = 0; way < MUX_WAYS; way++) {
		struct plot_line *l = &lines[way];

		l->name = ways[way]->name;
		l->color = colors[way];
		l->end = r->refused[way] ? "no descriptor above 1,023" : "";
		for (size_t p = 0; p < POINTS; p++) {
			if (!r->costs[p][way].cpu_ns)
				continue;
			l->points[l->count].x = points[p].idle;
			l->points[l->count++].y = (double)r->costs[p][way].cpu_ns;
		}
	}
	plot_write(lab_output, lines, MUX_WAYS);
}

int main(int argc, char **argv)
{
	static struct world w;
	static struct result r;

	lab_init("select(), poll() and epoll under the same echo service.", NULL, argc, argv);
	limit_files();
	active_open(&w);
	for (size_t p = 0; p < POINTS; p++) {
		idle_open(&w, points[p].idle);
		for (int way = 0; way < MUX_WAYS; way++)
			point_run(&w, p, way, &r);
	}
	say_table(&r);
	tell(&r);
	if (lab_output)
		plot(&r);
	lab_done();
	return 0;
}
