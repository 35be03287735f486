/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "util.h"

/* Everything a run needs; the idle connections are only held open. */
struct load {
	struct load_config cfg;
	struct addr addr;
	struct load_pattern pattern;
	struct load_thread threads[LOAD_THREADS_MAX];
	int *idle_fds;
	int idle_count;
	struct load_counts opened; /* of the main thread: the connections opened at the start */
	_Atomic bool stop;
	int64_t progress_at;
	uint64_t progress_echoed;
};

static void pattern_make(struct load_pattern *p, size_t size)
{
	p->lower = malloc(size + 26);
	p->upper = malloc(size + 26);
	if (!p->lower || !p->upper)
		die("out of memory; lower --size");
	for (size_t i = 0; i < size + 26; i++) {
		p->lower[i] = (char)('a' + i % 26);
		p->upper[i] = (char)('A' + i % 26);
	}
}

static struct load_counts counts_total(const struct load *l)
{
	struct load_counts total = { 0 };

	for (int i = 0; i < L_KEYS; i++) {
		total.v[i] = l->opened.v[i];
		for (int t = 0; t < l->cfg.threads; t++)
			total.v[i] += l->threads[t].counts.v[i];
	}
	return total;
}

/* One line a second; on a terminal always the same one. */
static void progress_print(struct load *l, int64_t start)
{
	int64_t now = now_ns();
	struct load_counts c;

	if (l->cfg.quiet || now - l->progress_at < NS_PER_S)
		return;
	c = counts_total(l);
	fprintf(stderr,
		"%s%3.0f s: connections %" PRIu64 ", sent %" PRIu64 ", echoed %" PRIu64
		" (%.0f/s), errors %" PRIu64 "%s",
		isatty(STDERR_FILENO) ? "\r\033[K" : "", (double)(now - start) / NS_PER_S,
		c.v[L_CONNECTIONS], c.v[L_MESSAGES_SENT], c.v[L_MESSAGES_ECHOED],
		(double)(c.v[L_MESSAGES_ECHOED] - l->progress_echoed) * NS_PER_S /
			(double)(now - l->progress_at),
		c.v[L_ERRORS] + c.v[L_MISMATCHES], isatty(STDERR_FILENO) ? "" : "\n");
	l->progress_at = now;
	l->progress_echoed = c.v[L_MESSAGES_ECHOED];
}

/* A signal that asks to end may be pending; wait for one at most so long. */
static void signals_check(struct load *l, int64_t ns)
{
	struct timespec ts = { .tv_nsec = ns };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigtimedwait(&set, NULL, &ts) > 0)
		atomic_store(&l->stop, true);
}

/* Connection i of all, counted in the order of opening, is it one that sends? */
static bool conn_is_active(const struct load_config *cfg, int64_t i)
{
	return cfg->idle_first ? i >= cfg->connections - cfg->active : i < cfg->active;
}

static void conn_open(struct load *l, int64_t i)
{
	int fd = addr_connect(&l->addr);

	if (fd < 0)
		die_errno("connection %" PRId64 " of %" PRId64
			  " to %s failed (is the server running there?)",
			  i + 1, l->cfg.connections, l->cfg.connect);
	addr_set_nodelay(fd);
	load_count(&l->opened, L_CONNECTIONS, 1);
	if (conn_is_active(&l->cfg, i)) {
		struct load_thread *t = &l->threads[i % l->cfg.threads];

		t->conns[t->conn_count++] = (struct load_conn){ .fd = fd };
	} else {
		l->idle_fds[l->idle_count++] = fd;
	}
}

static void conns_open(struct load *l, int64_t start)
{
	const struct load_config *cfg = &l->cfg;

	l->idle_fds = calloc((size_t)(cfg->connections - cfg->active) + 1, sizeof(int));
	for (int i = 0; i < cfg->threads; i++) {
		l->threads[i].conns =
			calloc((size_t)(cfg->active / cfg->threads) + 2, sizeof(struct load_conn));
		if (!l->threads[i].conns || !l->idle_fds)
			die("out of memory; ask for fewer connections");
	}
	for (int64_t i = 0; i < cfg->connections && !l->stop; i++) {
		if (cfg->connect_rate)
			sleep_until_ns(start + i * NS_PER_S / cfg->connect_rate);
		conn_open(l, i);
		signals_check(l, 0);
		progress_print(l, start);
	}
}

static void threads_run(struct load *l, int64_t start)
{
	const struct load_config *cfg = &l->cfg;
	int64_t n = cfg->threads;

	for (int i = 0; i < n; i++) {
		struct load_thread *t = &l->threads[i];

		t->cfg = cfg;
		t->addr = &l->addr;
		t->pattern = &l->pattern;
		t->stop = &l->stop;
		/* Shares that add up to the whole: the first threads take what is left over. */
		t->count = cfg->count ? cfg->count / n + (i < cfg->count % n) : INT64_MAX;
		t->rate = (double)cfg->rate / (double)n;
		errno = pthread_create(&t->thread, NULL, load_thread_run, t);
		if (errno)
			die_errno("cannot start thread %d", i + 1);
	}
	for (int i = 0; i < n;) {
		if (atomic_load(&l->threads[i].done)) {
			pthread_join(l->threads[i++].thread, NULL);
			continue;
		}
		signals_check(l, 5 * NS_PER_MS);
		progress_print(l, start);
	}
}

static void conns_close(struct load *l)
{
	for (int i = 0; i < l->idle_count; i++)
		close(l->idle_fds[i]);
	free(l->idle_fds);
	for (int i = 0; i < l->cfg.threads; i++) {
		for (int c = 0; c < l->threads[i].conn_count; c++) {
			if (l->threads[i].conns[c].fd >= 0)
				close(l->threads[i].conns[c].fd);
		}
		free(l->threads[i].conns);
	}
}

static int load_end(const struct load *l, int64_t ns)
{
	struct load_counts total = counts_total(l);
	static struct latency latency;

	for (int i = 0; i < l->cfg.threads; i++)
		latency_merge(&latency, &l->threads[i].latency);
	if (!l->cfg.quiet && isatty(STDERR_FILENO))
		fputc('\n', stderr);
	load_report(stdout, &total, &latency, ns);
	if (fflush(stdout))
		die_errno("cannot write the numbers to stdout");
	return total.v[L_ERRORS] || total.v[L_MISMATCHES] || total.v[L_UNANSWERED];
}

int main(int argc, char **argv)
{
	static struct load load;
	int64_t start, sending;
	sigset_t set;

	load_config_parse(&load.cfg, argc, argv);
	load.addr = addr_parse(load.cfg.connect);
	nofile_need(load.cfg.connections + 16);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pattern_make(&load.pattern, (size_t)load.cfg.size);
	start = now_ns();
	load.progress_at = start;
	conns_open(&load, start);
	sleep_ns(load.cfg.pause_ns);
	sending = now_ns();
	threads_run(&load, start);
	sending = now_ns() - sending;
	conns_close(&load);
	free(load.pattern.lower);
	free(load.pattern.upper);
	return load_end(&load, sending);
}
