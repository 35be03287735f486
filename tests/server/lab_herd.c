/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Four workers sleep in epoll_wait() for connections to one port, and clients come one at a time,
 * each when all workers sleep again. How many are woken for it depends on nothing but how the
 * listener was registered; five ways follow one after the other.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"
#include "sleepers.h"

#define WORKERS 4

enum kind {
	PLAIN,     /* an instance per worker */
	EXCLUSIVE, /* the same with EPOLLEXCLUSIVE */
	SHARED,    /* one instance for all, level-triggered */
	EDGE,      /* the same with EPOLLET */
	REUSEPORT, /* a listener and an instance per worker */
};

struct worker {
	pthread_t thread;
	_Atomic pid_t tid;
	const atomic_bool *stop;
	int epfd, listener;
	int64_t accepted, empty; /* empty: an event, and no connection was left */
};

static int64_t connects = 40;

/* Take what waits: a greeting for each client. An edge-triggered event tells of all of them. */
static void serve(struct worker *w)
{
	static const char hello = 'h';
	int64_t before = w->accepted;
	int fd;

	while ((fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0 || errno == EINTR ||
	       errno == ECONNABORTED) {
		if (fd < 0)
			continue;
		w->accepted++;
		/* The first byte of a connection always has room in its send buffer. */
		if (send(fd, &hello, 1, MSG_NOSIGNAL) != 1)
			die_errno("cannot greet a client");
		close(fd);
	}
	if (errno != EAGAIN)
		die_errno("accept failed");
	w->empty += w->accepted == before;
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;

	w->tid = gettid();
	while (!*w->stop) {
		if (lab_wait_one(w->epfd, -1))
			serve(w);
	}
	return NULL;
}

/* Once the greeting is there the connection has been accepted. */
static void client_run(uint16_t port)
{
	int fd = lab_connect(port);

	lab_read(fd, 1);
	close(fd);
}

static uint32_t mask_of(enum kind kind)
{
	if (kind == EXCLUSIVE)
		/* Broken: the flag is forgotten. */
		return lab_broken ? EPOLLIN : EPOLLIN | EPOLLEXCLUSIVE;
	return kind == EDGE ? EPOLLIN | EPOLLET : EPOLLIN;
}

/* A listener like lab_listen()'s on a port that several share; *port 0: choose one. */
static int listen_reuseport(uint16_t *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port = htons(*port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 128) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		die_errno("cannot listen with SO_REUSEPORT");
	*port = ntohs(addr.sin_port);
	return fd;
}

/* Listeners and instances; worker 0 is the first to register. Returns the port. */
static uint16_t registered(struct worker *workers, enum kind kind, const char *name)
{
	bool one_listener = kind != REUSEPORT, one_epoll = kind == SHARED || kind == EDGE;
	uint16_t port = 0;

	for (int i = 0; i < WORKERS; i++) {
		struct worker *w = &workers[i];
		char text[32];

		if (one_listener && i)
			w->listener = workers[0].listener;
		else
			w->listener =
				one_listener ? lab_listen(&port, 128) : listen_reuseport(&port);
		if (one_epoll && i) {
			w->epfd = workers[0].epfd;
			continue;
		}
		snprintf(text, sizeof(text), one_epoll ? "%s" : "%s%d", name, i);
		w->epfd = lab_epoll(text);
		lab_add(w->epfd, w->listener, mask_of(kind));
	}
	return port;
}

/* They fall asleep in the order of their numbers. */
static void workers_start(struct worker *workers, const atomic_bool *stop)
{
	for (int i = 0; i < WORKERS; i++) {
		workers[i].stop = stop;
		if (pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]))
			die("cannot start a thread");
		while (!workers[i].tid)
			sleep_ns(50 * NS_PER_US);
		sleepers_await(&(pid_t){ workers[i].tid }, 1);
	}
}

/*
 * Until the last client's wakeups are over. poll() with a timeout links itself to the listener's
 * wait queue, under the lock that is held while the queue is walked to wake the workers.
 */
static void calm_await(const struct worker *workers)
{
	pid_t tids[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		struct pollfd p = { .fd = workers[i].listener, .events = POLLIN };

		tids[i] = workers[i].tid;
		if ((!i || workers[i].listener != workers[0].listener) && poll(&p, 1, 1))
			die("a connection was not accepted");
	}
	sleepers_await(tids, WORKERS);
}

static void signal_ignore(int sig)
{
	(void)sig;
}

/* All sleep, thus the signal ends their waits and is not lost. */
static void workers_stop(struct worker *workers, atomic_bool *stop)
{
	struct sigaction act = { .sa_handler = signal_ignore };

	if (sigaction(SIGUSR1, &act, NULL))
		die_errno("cannot handle a signal");
	*stop = true;
	for (int i = 0; i < WORKERS; i++) {
		pthread_kill(workers[i].thread, SIGUSR1);
		pthread_join(workers[i].thread, NULL);
	}
}

static void tell(const struct worker *workers, const char *name)
{
	int64_t accepted = 0, empty = 0, served = 0;
	char key[48];

	for (int i = 0; i < WORKERS; i++) {
		accepted += workers[i].accepted;
		empty += workers[i].empty;
		served += workers[i].accepted > 0;
	}
	snprintf(key, sizeof(key), "%s_accepted", name);
	lab_number(key, accepted);
	snprintf(key, sizeof(key), "%s_empty", name);
	lab_number(key, empty);
	snprintf(key, sizeof(key), "%s_first", name);
	lab_number(key, workers[0].accepted);
	snprintf(key, sizeof(key), "%s_last", name);
	lab_number(key, workers[WORKERS - 1].accepted);
	snprintf(key, sizeof(key), "%s_served", name);
	lab_number(key, served);
	lab_say("%s: accepted per worker: %d %d %d %d; events without a connection: %d", name,
		(int)workers[0].accepted, (int)workers[1].accepted, (int)workers[2].accepted,
		(int)workers[3].accepted, (int)empty);
}

static void herd_run(enum kind kind, const char *name)
{
	struct worker workers[WORKERS] = { 0 };
	atomic_bool stop = false;
	uint16_t port = registered(workers, kind, name);

	workers_start(workers, &stop);
	for (int64_t i = 0; i < connects; i++) {
		client_run(port);
		calm_await(workers);
		lab_pace();
	}
	workers_stop(workers, &stop);
	tell(workers, name);
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "connects", OPT_NUM, &connects, "N", "one after the other, in each case", 20,
		  1000 },
		{ .name = NULL },
	};

	lab_init("Four workers and one port: who is woken by a connection, and who gets it.", own,
		 argc, argv);
	lab_number("workers", WORKERS);
	lab_number("connects", connects);
	herd_run(PLAIN, "plain");
	herd_run(EXCLUSIVE, "exclusive");
	herd_run(SHARED, "shared");
	herd_run(EDGE, "edge");
	herd_run(REUSEPORT, "reuseport");
	lab_hold();
	lab_done();
	return 0;
}
