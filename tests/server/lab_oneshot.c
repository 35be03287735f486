/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two threads serve one connection through one instance. In each round a request arrives, and while
 * its handler works, a second one. Without EPOLLONESHOT the other thread gets it, and both are in the
 * handler of the same connection at once. With it the second request waits until the first handler
 * has re-armed the item. At last, an item that is never re-armed.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "lab.h"

#define THREADS  2
#define ROUNDS   10
#define REQUEST  64
#define LOST     5
#define QUIET_MS 50    /* so long we look for a second thread that should not come */
#define SURE_MS  20000 /* and so long for one that must */

/* All of it under lock but for what is set before the threads start. */
struct service {
	const char *name;
	uint32_t mask;
	int epfd, client, server, stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int inside;   /* threads in the handler now */
	int entered;  /* of this round: handlers that have read their request */
	int left;     /* of this round: handlers that are done */
	bool open;    /* handlers may end */
	int together; /* rounds that had all threads in the handler at once */
};

static void service_open(struct service *s, const char *name, uint32_t mask)
{
	pthread_condattr_t attr;
	int fds[2];

	s->name = name;
	s->mask = mask;
	lab_socketpair(fds);
	s->server = fds[0];
	s->client = fds[1];
	s->stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->stop < 0 || pthread_mutex_init(&s->lock, NULL) || pthread_condattr_init(&attr) ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
	    pthread_cond_init(&s->changed, &attr))
		die("%s: cannot start", name);
	pthread_condattr_destroy(&attr);
	s->epfd = lab_epoll(name);
	lab_add(s->epfd, s->server, mask);
	lab_add(s->epfd, s->stop, EPOLLIN); /* LT, never read: it ends every thread */
}

/* Under lock: waits until *count is that many, or for so long. Returns whether it is. */
static bool reached(struct service *s, const int *count, int many, int64_t ms)
{
	int64_t end = now_ns() + ms * NS_PER_MS;
	struct timespec ts = { .tv_sec = end / NS_PER_S, .tv_nsec = end % NS_PER_S };

	while (*count < many)
		if (pthread_cond_timedwait(&s->changed, &s->lock, &ts) == ETIMEDOUT)
			return *count >= many;
	return true;
}

static void must_reach(struct service *s, const int *count, int many)
{
	if (!reached(s, count, many, SURE_MS))
		die("%s: a request was not served", s->name);
}

/* A handler: it takes the request, works until the gate is open, and re-arms if it has to. */
static void handle(struct service *s)
{
	bool eof;

	pthread_mutex_lock(&s->lock);
	s->inside++;
	pthread_mutex_unlock(&s->lock);
	lab_drain(s->server, &eof);
	pthread_mutex_lock(&s->lock);
	s->entered++;
	pthread_cond_broadcast(&s->changed);
	while (!s->open)
		pthread_cond_wait(&s->changed, &s->lock);
	s->inside--;
	pthread_mutex_unlock(&s->lock);
	/* After the client's end it would be ready for ever. */
	if ((s->mask & EPOLLONESHOT) && !eof)
		lab_mod(s->epfd, s->server, s->mask);
	pthread_mutex_lock(&s->lock);
	s->left++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void *thread_main(void *arg)
{
	struct service *s = arg;
	struct epoll_event ev;
	int n;

	for (;;) {
		n = epoll_wait(s->epfd, &ev, 1, -1);
		if (n < 0 && errno != EINTR)
			die_errno("epoll_wait failed");
		if (n == 1 && ev.data.fd == s->stop)
			return NULL;
		if (n == 1)
			handle(s);
	}
}

/* Two requests, the second while the first is in its handler. hold: so long that it is sampled. */
static void round_run(struct service *s, bool hold)
{
	char phase[32];

	pthread_mutex_lock(&s->lock);
	s->open = false;
	s->entered = s->left = 0;
	lab_write(s->client, REQUEST);
	must_reach(s, &s->entered, 1);
	lab_write(s->client, REQUEST);
	/* Without EPOLLONESHOT the other thread must come, whatever that takes. */
	reached(s, &s->entered, THREADS, s->mask & EPOLLONESHOT ? QUIET_MS : SURE_MS);
	s->together += s->inside == THREADS;
	pthread_mutex_unlock(&s->lock);
	if (hold) {
		snprintf(phase, sizeof(phase), "%s-work", s->name);
		lab_phase(phase);
		lab_hold();
		lab_phase("over");
	}
	pthread_mutex_lock(&s->lock);
	s->open = true;
	pthread_cond_broadcast(&s->changed);
	must_reach(s, &s->left, 2);
	pthread_mutex_unlock(&s->lock);
}

static int service_run(struct service *s, const char *name, uint32_t mask)
{
	pthread_t threads[THREADS];

	service_open(s, name, mask);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread_main, s))
			die("cannot start a thread");
	for (int i = 0; i < ROUNDS; i++)
		round_run(s, i == ROUNDS - 1);
	if (eventfd_write(s->stop, 1))
		die_errno("cannot stop the threads");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	lab_say("%s: %d rounds of two requests; in %d of them both threads were in the handler",
		name, ROUNDS, s->together);
	return s->together;
}

/* The instance first: the end of the connection would be one more callback. */
static void service_close(struct service *s)
{
	close(s->epfd);
	close(s->server);
	close(s->client);
	close(s->stop);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

/* The mask that the kernel has of the connection, as a line tfd: of the instance's fdinfo tells. */
static int64_t mask_of(int epfd, int fd)
{
	char path[48], line[256];
	int64_t mask = -1;
	unsigned int events;
	int tfd;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", epfd);
	f = fopen(path, "re");
	if (!f)
		die_errno("cannot read %s", path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "tfd: %d events: %x", &tfd, &events) == 2 && tfd == fd)
			mask = events;
	fclose(f);
	return mask;
}

/* Its handler forgets to re-arm: what comes then is told to nobody, until somebody does. */
static int forgotten_run(void)
{
	int epfd = lab_epoll("forgotten"), fds[2], left;

	lab_socketpair(fds);
	lab_add(epfd, fds[0], EPOLLIN | EPOLLONESHOT);
	lab_write(fds[1], REQUEST);
	if (!lab_wait_one(epfd, SURE_MS))
		die("no event for the first request");
	lab_drain(fds[0], NULL);
	for (int i = 0; i < LOST; i++) {
		lab_write(fds[1], REQUEST);
		if (lab_wait_one(epfd, QUIET_MS))
			die("an event of a disabled item");
	}
	if (ioctl(fds[0], FIONREAD, &left))
		die_errno("FIONREAD failed");
	lab_number("forgotten_mask", mask_of(epfd, fds[0]));
	lab_number("forgotten_left", left);
	lab_say("forgotten: %d requests came after the event; %d bytes lie unread", LOST, left);
	lab_mod(epfd, fds[0], EPOLLIN | EPOLLONESHOT);
	if (!lab_wait_one(epfd, SURE_MS) || lab_drain(fds[0], NULL) != (size_t)left)
		die("re-armed, and what came before is not told");
	return epfd;
}

int main(int argc, char **argv)
{
	static struct service shared, oneshot;
	uint32_t mask;
	int forgotten;

	lab_init("Two threads, one connection: without and with EPOLLONESHOT; and never re-armed.",
		 NULL, argc, argv);
	lab_number("threads", THREADS);
	lab_number("rounds", ROUNDS);
	lab_number("request", REQUEST);
	lab_number("lost", LOST);
	lab_number("shared_together", service_run(&shared, "shared", EPOLLIN | EPOLLET));
	/* Broken: an edge is thought to be enough. */
	mask = EPOLLIN | (lab_broken ? EPOLLET : EPOLLONESHOT);
	lab_number("oneshot_together", service_run(&oneshot, "oneshot", mask));
	forgotten = forgotten_run();
	service_close(&shared);
	service_close(&oneshot);
	close(forgotten);
	lab_done();
	return 0;
}
