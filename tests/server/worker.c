/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addr.h"
#include "conn.h"
#include "util.h"

/*
 * A descriptor kept in reserve. When accept() fails for want of descriptors, a level-triggered
 * listener would be reported again and again; the reserve is given up for as long as it takes to
 * accept the connection and turn it away.
 */
static pthread_mutex_t reserve_lock = PTHREAD_MUTEX_INITIALIZER;
static int reserve_fd = -1;

void reserve_open(void)
{
	reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (reserve_fd < 0)
		die_errno("cannot open /dev/null");
}

static void connection_turn_away(struct worker *w)
{
	int fd;

	pthread_mutex_lock(&reserve_lock);
	if (reserve_fd >= 0)
		close(reserve_fd);
	fd = accept4(w->srv->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		truth_add(&w->truth, T_ACCEPT_NOFILE, 1);
		close(fd);
	}
	reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pthread_mutex_unlock(&reserve_lock);
}

/* Level-triggered: one connection per event. Edge-triggered: until there is none left. */
static void listener_handle(struct worker *w)
{
	for (;;) {
		int fd = accept4(w->srv->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			truth_add(&w->truth, T_ACCEPTS, 1);
			if (w->srv->tcp)
				addr_set_nodelay(fd);
			conn_open(w, fd);
		} else if (errno == EAGAIN) {
			truth_add(&w->truth, T_ACCEPT_EAGAIN, 1);
			return;
		} else if (errno == EMFILE || errno == ENFILE) {
			connection_turn_away(w);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			truth_add(&w->truth, T_CONN_ERRORS, 1);
			return;
		}
		if (w->srv->cfg.mode == MODE_LT)
			return;
	}
}

static void event_handle(struct worker *w, const struct epoll_event *ev)
{
	const struct config *cfg = &w->srv->cfg;

	if (cfg->busy_us)
		burn_ns(cfg->busy_us * NS_PER_US);
	if (cfg->sleep_us)
		sleep_ns(cfg->sleep_us * NS_PER_US);
	if (ev->data.u64 >> 32)
		conn_handle(w, ev->data.u64);
	else
		listener_handle(w);
}

static void worker_loop(struct worker *w, struct epoll_event *events)
{
	const struct config *cfg = &w->srv->cfg;

	while (!atomic_load(&w->srv->stop)) {
		int n = instance_wait(w->in, &w->truth, (enum wait_call)cfg->wait_call, events,
				      (int)cfg->maxevents, (int)cfg->timeout_ms);

		if (n < 0 && errno != EINTR) {
			fprintf(stderr, "epserver: epoll_wait failed: %s; stopping\n",
				strerror(errno));
			atomic_store(&w->srv->failed, true);
			kill(getpid(), SIGTERM);
			return;
		}
		for (int i = 0; i < n; i++)
			event_handle(w, &events[i]);
	}
}

void *worker_run(void *arg)
{
	struct worker *w = arg;
	struct epoll_event *events = calloc((size_t)w->srv->cfg.maxevents, sizeof(*events));
	struct rusage usage;

	w->buf = malloc((size_t)w->srv->cfg.read_size);
	if (!events || !w->buf)
		die("out of memory; lower --maxevents or --read-size");
	atomic_store(&w->tid, gettid());
	worker_loop(w, events);
	getrusage(RUSAGE_THREAD, &usage);
	w->voluntary_switches = usage.ru_nvcsw;
	free(events);
	free(w->buf);
	atomic_store(&w->done, true);
	return NULL;
}
