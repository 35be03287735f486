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

#define ACTIVE   4 /* connections with traffic */
#define IDLE_MAX 16000
#define FILES    17000 /* open files that the program allows itself */
#define HIGH     16900 /* descriptors that must not be in the way of select() are above this */
#define PASSES   8     /* over all that is measured; a cost is that of the cheapest pass */

/* More messages where one is cheap. */
static const struct point {
	int idle;
	int messages; /* of a pass */
} points[] = { { 10, 250 }, { 100, 120 }, { 1000, 50 }, { 4000, 16 }, { IDLE_MAX, 8 } };

#define POINTS ARRAY_SIZE(points)

static const struct mux *const ways[MUX_WAYS] = { &mux_select, &mux_poll, &mux_epoll };

/* Connections with traffic, both ends. */
struct active {
	int servers[ACTIVE], clients[ACTIVE];
};

/* One way to wait, at one point: opened once, and measured in each pass. */
struct trial {
	void *m; /* NULL: a descriptor was refused */
	const struct active *active;
	int64_t messages;
	int64_t cpu_ns, ns; /* per echo */
};

struct world {
	struct active shared;       /* by select() and poll(), which remember nothing */
	struct active each[POINTS]; /* by the epoll instances: each has its own */
	int idle[IDLE_MAX];
	struct trial trials[POINTS][MUX_WAYS];
	int refused[MUX_WAYS]; /* the first descriptor, 0: none */
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

/* The same file, at a descriptor above HIGH. */
static int above(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);

	if (high < 0)
		die_errno("cannot duplicate a socket");
	close(fd);
	return high;
}

static void active_open(struct active *a, bool high)
{
	for (int i = 0; i < ACTIVE; i++) {
		int fds[2];

		lab_socketpair(fds);
		a->servers[i] = high ? above(fds[0]) : fds[0];
		a->clients[i] = above(fds[1]);
	}
}

/* Connections that say nothing; an eventfd is the cheapest thing to wait for. */
static void idle_open(struct world *w)
{
	for (int i = 0; i < IDLE_MAX; i++) {
		w->idle[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (w->idle[i] < 0)
			die_errno("cannot create an eventfd");
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
static void echo_one(const struct mux *mux, void *m, int client)
{
	lab_write(client, MUX_MESSAGE);
	while (!echo_turn(mux, m))
		;
	lab_read(client, MUX_MESSAGE);
}

/* One pass of one trial. */
static void trial_run(struct trial *t, const struct mux *mux, int messages)
{
	int64_t begin = now_ns(), cpu = cpu_ns(), took;

	for (int i = 0; i < messages; i++)
		echo_one(mux, t->m, t->active->clients[t->messages++ % ACTIVE]);
	took = (cpu_ns() - cpu) / messages;
	t->cpu_ns = !t->cpu_ns || took < t->cpu_ns ? took : t->cpu_ns;
	took = (now_ns() - begin) / messages;
	t->ns = !t->ns || took < t->ns ? took : t->ns;
}

/* Returns the first descriptor that was refused, 0: none. */
static int add_all(const struct world *w, const struct mux *mux, const struct trial *t, int idle)
{
	for (int i = 0; i < ACTIVE; i++)
		if (mux->add(t->m, t->active->servers[i]))
			return t->active->servers[i];
	for (int i = 0; i < idle; i++)
		if (mux->add(t->m, w->idle[i]))
			return w->idle[i];
	return 0;
}

static void trial_open(struct world *w, size_t point, int way)
{
	struct trial *t = &w->trials[point][way];
	const struct mux *mux = ways[way];
	int refused;
	char name[32];

	snprintf(name, sizeof(name), "%s-%d", mux->name, points[point].idle);
	t->active = mux == &mux_epoll ? &w->each[point] : &w->shared;
	t->m = mux->open(name);
	refused = add_all(w, mux, t, points[point].idle);
	if (!refused)
		return;
	w->refused[way] = w->refused[way] ? w->refused[way] : refused;
	mux->close(t->m);
	t->m = NULL;
}

static void world_open(struct world *w)
{
	active_open(&w->shared, false);
	idle_open(w);
	for (size_t p = 0; p < POINTS; p++) {
		active_open(&w->each[p], true);
		for (int way = 0; way < MUX_WAYS; way++)
			trial_open(w, p, way);
	}
}

static void world_close(struct world *w)
{
	for (size_t p = 0; p < POINTS; p++)
		for (int way = 0; way < MUX_WAYS; way++)
			if (w->trials[p][way].m)
				ways[way]->close(w->trials[p][way].m);
}

/* All trials in turn, so that a time when the machine is slow hits all of them. */
static void pass_run(struct world *w)
{
	for (size_t p = 0; p < POINTS; p++) {
		int messages = lab_broken ? points[p].messages / 8 : points[p].messages;

		for (int way = 0; way < MUX_WAYS; way++)
			if (w->trials[p][way].m)
				trial_run(&w->trials[p][way], ways[way], messages);
	}
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

/* Of all instances of a user; -1: not known. */
static long long max_user_watches(void)
{
	FILE *f = fopen("/proc/sys/fs/epoll/max_user_watches", "re");
	long long n = -1;

	if (f && fscanf(f, "%lld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

static const char *cost_text(char *text, size_t size, const struct trial *t)
{
	if (!t->m)
		return "-";
	snprintf(text, size, "%.1f (%.1f)", (double)t->cpu_ns / 1e3, (double)t->ns / 1e3);
	return text;
}

static void say_table(const struct world *w)
{
	char text[MUX_WAYS][48];

	lab_say("us of CPU per echo (us by the clock)");
	lab_say("%6s %20s %20s %20s", "idle", ways[0]->name, ways[1]->name, ways[2]->name);
	for (size_t p = 0; p < POINTS; p++)
		lab_say("%6d %20s %20s %20s", points[p].idle,
			cost_text(text[0], sizeof(text[0]), &w->trials[p][0]),
			cost_text(text[1], sizeof(text[1]), &w->trials[p][1]),
			cost_text(text[2], sizeof(text[2]), &w->trials[p][2]));
	lab_say("select refuses descriptor %d; poll refuses more than %d entries; "
		"epoll more than %lld of a user (max_user_watches)",
		w->refused[0], FILES, max_user_watches());
}

/* One way at all points. */
static void tell_way(const struct world *w, int way)
{
	int64_t messages = 0;
	char key[48];

	for (size_t p = 0; p < POINTS; p++) {
		messages += w->trials[p][way].messages;
		snprintf(key, sizeof(key), "%s_cpu_%d", ways[way]->name, points[p].idle);
		lab_number(key, w->trials[p][way].cpu_ns);
	}
	snprintf(key, sizeof(key), "%s_messages", ways[way]->name);
	lab_number(key, messages);
}

static void tell(const struct world *w)
{
	lab_number("files", FILES);
	lab_number("active", ACTIVE);
	lab_number("select_refused", w->refused[0]);
	lab_number("poll_refuses", poll_refuses());
	for (int way = 0; way < MUX_WAYS; way++)
		tell_way(w, way);
}

static void plot(const struct world *w)
{
	static const char *const colors[MUX_WAYS] = { "#d62728", "#ff9e1b", "#1f77b4" };
	struct plot_line lines[MUX_WAYS] = { 0 };

	for (int way = 0; way < MUX_WAYS; way++) {
		struct plot_line *l = &lines[way];

		l->name = ways[way]->name;
		l->color = colors[way];
		l->end = w->refused[way] ? "no descriptor above 1,023" : "";
		for (size_t p = 0; p < POINTS; p++) {
			if (!w->trials[p][way].m)
				continue;
			l->points[l->count].x = points[p].idle;
			l->points[l->count++].y = (double)w->trials[p][way].cpu_ns;
		}
	}
	plot_write(lab_output, lines, MUX_WAYS);
}

int main(int argc, char **argv)
{
	static struct world w;

	lab_init("select(), poll() and epoll under the same echo service.", NULL, argc, argv);
	limit_files();
	world_open(&w);
	for (int i = 0; i < PASSES; i++)
		pass_run(&w);
	say_table(&w);
	tell(&w);
	if (lab_output)
		plot(&w);
	world_close(&w);
	lab_done();
	return 0;
}
