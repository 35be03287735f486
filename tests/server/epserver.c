/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "addr.h"
#include "conn.h"
#include "util.h"

/* Interrupts a worker's epoll_wait so that it sees the stop flag; nothing else to do. */
static void wake_handler(int sig)
{
	(void)sig;
}

/* SIGUSR2 wakes workers; the others are taken synchronously by the main thread. */
static sigset_t signals_setup(void)
{
	struct sigaction wake = { .sa_handler = wake_handler };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (sigaction(SIGUSR2, &wake, NULL) || pthread_sigmask(SIG_BLOCK, &set, NULL))
		die_errno("cannot set up signals");
	return set;
}

static void instances_create(struct server *srv)
{
	uint32_t mask = EPOLLIN | (srv->cfg.mode == MODE_ET ? (uint32_t)EPOLLET : 0) |
			(srv->cfg.exclusive ? EPOLLEXCLUSIVE : 0);

	srv->instance_count = srv->cfg.instances == INSTANCES_EACH ? (int)srv->cfg.threads : 1;
	srv->instances = calloc((size_t)srv->instance_count, sizeof(*srv->instances));
	if (!srv->instances)
		die("out of memory");
	for (int i = 0; i < srv->instance_count; i++) {
		struct instance *in = &srv->instances[i];

		instance_open(in);
		if (instance_ctl(in, &in->control, EPOLL_CTL_ADD, srv->listener, mask,
				 (uint32_t)srv->listener))
			die_errno("cannot register the listener");
	}
}

static void workers_start(struct server *srv)
{
	srv->workers = calloc((size_t)srv->cfg.threads, sizeof(*srv->workers));
	if (!srv->workers)
		die("out of memory");
	for (int i = 0; i < srv->cfg.threads; i++) {
		struct worker *w = &srv->workers[i];
		char name[32]; /* THREADS_MAX keeps it within the 15 that the kernel takes */
		int err;

		w->srv = srv;
		w->in = &srv->instances[i % srv->instance_count];
		err = pthread_create(&w->thread, NULL, worker_run, w);
		if (err) {
			errno = err;
			die_errno("cannot start thread %d of %d", i + 1, (int)srv->cfg.threads);
		}
		snprintf(name, sizeof(name), "worker-%d", i);
		pthread_setname_np(w->thread, name);
	}
	for (int i = 0; i < srv->cfg.threads; i++) {
		while (!atomic_load(&srv->workers[i].tid))
			sleep_ns(100 * NS_PER_US);
	}
}

static void ready_write(const struct server *srv, const struct addr *addr)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		die("out of memory");
	fprintf(f, "pid=%d port=%d ", getpid(), addr_port(addr));
	if (addr_path(addr))
		fprintf(f, "path=%s ", addr_path(addr));
	fputs("epfds=", f);
	for (int i = 0; i < srv->instance_count; i++)
		fprintf(f, "%s%d", i ? "," : "", srv->instances[i].epfd);
	fputc('\n', f);
	fclose(f);
	if (srv->cfg.ready_file)
		file_write_atomic(srv->cfg.ready_file, text);
	fprintf(stderr, "epserver: ready %s", text);
	free(text);
}

/* Events so far, to see whether anything happens. */
static uint64_t events_count(const struct server *srv)
{
	uint64_t sum = 0;

	for (int i = 0; i < srv->cfg.threads; i++)
		sum += srv->workers[i].truth.v[T_EVENTS];
	return sum;
}

/* Serve until a signal, the end of --duration or --idle-exit. */
static void server_run(const struct server *srv, const sigset_t *signals)
{
	int64_t start = now_ns(), active = start;
	const struct config *cfg = &srv->cfg;
	uint64_t seen = 0;

	for (;;) {
		struct timespec tick = { .tv_nsec = 20 * NS_PER_MS };
		bool ticks = cfg->duration_ns || cfg->idle_exit_ns;
		int sig = ticks ? sigtimedwait(signals, NULL, &tick) : sigwaitinfo(signals, NULL);
		int64_t now = now_ns();

		if (sig == SIGUSR1)
			report_print(stdout, srv, false);
		else if (sig > 0)
			return;
		if (events_count(srv) != seen) {
			seen = events_count(srv);
			active = now;
		}
		if (cfg->duration_ns && now - start >= cfg->duration_ns)
			return;
		if (cfg->idle_exit_ns && now - active >= cfg->idle_exit_ns)
			return;
	}
}

static void workers_stop(struct server *srv)
{
	atomic_store(&srv->stop, true);
	for (int i = 0; i < srv->cfg.threads; i++) {
		struct worker *w = &srv->workers[i];

		/* It may come just before epoll_wait: repeat until the thread has seen it. */
		while (!atomic_load(&w->done)) {
			pthread_kill(w->thread, SIGUSR2);
			sleep_ns(NS_PER_MS);
		}
		pthread_join(w->thread, NULL);
	}
}

/* Close everything while it is still registered, as a server that just ends would. */
static void server_close(struct server *srv, const struct addr *addr)
{
	conn_table_free(srv->conns);
	for (int i = 0; i < srv->instance_count; i++) {
		struct instance *in = &srv->instances[i];

		if (instance_ctl(in, &in->control, EPOLL_CTL_DEL, srv->listener, 0, 0))
			die_errno("cannot remove the listener");
		close(in->epfd);
	}
	close(srv->listener);
	if (addr_path(addr))
		unlink(addr_path(addr));
}

static void stats_write(const struct server *srv)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		die("out of memory");
	report_print(f, srv, true);
	fclose(f);
	if (srv->cfg.stats_file)
		file_write_atomic(srv->cfg.stats_file, text);
	if (fputs(text, stdout) < 0 || fflush(stdout))
		die_errno("cannot write the numbers to stdout");
	free(text);
}

int main(int argc, char **argv)
{
	static struct server srv;
	struct addr addr;
	sigset_t signals;

	config_parse(&srv.cfg, argc, argv);
	addr = addr_parse(srv.cfg.listen);
	signals = signals_setup();
	srv.tcp = !addr_path(&addr);
	srv.conns = conn_table_new(nofile_raise() < 1 << 20 ? nofile_raise() : 1 << 20);
	if (!srv.conns)
		die("out of memory");
	srv.listener =
		addr_listen(&addr, (int)srv.cfg.backlog, (int)srv.cfg.rcvbuf, (int)srv.cfg.sndbuf);
	reserve_open();
	instances_create(&srv);
	workers_start(&srv);
	ready_write(&srv, &addr);
	server_run(&srv, &signals);
	workers_stop(&srv);
	server_close(&srv, &addr);
	stats_write(&srv);
	free(srv.workers);
	free(srv.instances);
	return atomic_load(&srv.failed) ? EXIT_FAILURE : EXIT_SUCCESS;
}
