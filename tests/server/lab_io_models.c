/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Five models of input and output for one job: receive all that four senders send. Each sends a burst
 * before the receiver looks, and then a message now and then. The models are in io_models*.c, the
 * senders and the figures here.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io_models.h"
#include "lab.h"

#define LIMIT_S 60
#define BURST   16
#define PAUSE   NS_PER_MS

static const struct model *const models[] = {
	&model_blocking, &model_polling, &model_epoll, &model_signals, &model_uring,
};

static int64_t messages = 200;

struct senders {
	pid_t pids[SENDERS];
	int gate[2];  /* closed: begin */
	int burst[2]; /* a byte of each sender whose burst is out */
};

static void pipe_open(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC))
		die_errno("cannot create a pipe");
}

/* Reads so many bytes, or to the end. */
static void pipe_read(int fd, int bytes)
{
	char c;
	ssize_t n;

	for (int i = 0; i<bytes; i += n> 0) {
		n = read(fd, &c, 1);
		if (!n)
			return;
		if (n < 0 && errno != EINTR)
			die_errno("cannot read from a pipe");
	}
}

/* Returns false when the receiver is gone. */
static bool message_send(int fd, const struct message *m)
{
	size_t done = 0;

	while (done < sizeof(*m)) {
		ssize_t n = send(fd, (const char *)m + done, sizeof(*m) - done, MSG_NOSIGNAL);

		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return false;
		if (n < 0 && errno != EINTR)
			die_errno("cannot send");
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* In the sender's process. */
static void sender(const struct senders *s, int fd)
{
	struct message m = { 0 };
	bool there = true;

	close(s->gate[1]);
	pipe_read(s->gate[0], 1);
	for (; m.number < messages && there; m.number++) {
		if (m.number == BURST && write(s->burst[1], "", 1) != 1)
			die_errno("cannot tell of the burst");
		if (m.number >= BURST) {
			sleep_ns(PAUSE);
			m.sent = now_ns();
		}
		there = message_send(fd, &m);
	}
	close(fd);
}

static pid_t sender_start(const struct senders *s, struct job *j, int index, bool blocking)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		die_errno("cannot create a pair of sockets");
	pid = fork();
	if (pid < 0)
		die_errno("cannot fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(LIMIT_S);
		for (int i = 0; i < index; i++)
			close(j->sources[i].fd);
		close(fds[0]);
		sender(s, fds[1]);
		_exit(0);
	}
	close(fds[1]);
	if (!blocking && fcntl(fds[0], F_SETFL, O_NONBLOCK))
		die_errno("cannot make a socket non-blocking");
	j->sources[index].fd = fds[0];
	return pid;
}

static void senders_start(struct senders *s, struct job *j, bool blocking)
{
	pipe_open(s->gate);
	pipe_open(s->burst);
	for (int i = 0; i < SENDERS; i++)
		s->pids[i] = sender_start(s, j, i, blocking);
}

/* They begin, and have sent their bursts. */
static void senders_go(struct senders *s)
{
	close(s->gate[1]);
	pipe_read(s->burst[0], SENDERS);
}

static void senders_join(struct senders *s, struct job *j)
{
	for (int i = 0; i < SENDERS; i++) {
		int status;

		close(j->sources[i].fd);
		while (waitpid(s->pids[i], &status, 0) < 0)
			if (errno != EINTR)
				die_errno("cannot wait for a sender");
		if (status)
			die("a sender failed");
	}
	close(s->gate[0]);
	close(s->burst[0]);
	close(s->burst[1]);
}

static void number(const struct model *m, const char *what, int64_t value)
{
	char key[48];

	snprintf(key, sizeof(key), "%s_%s", m->key, what);
	lab_number(key, value);
}

static int64_t ns_of(struct timeval t)
{
	return t.tv_sec * NS_PER_S + t.tv_usec * NS_PER_US;
}

static void tell(const struct model *m, const struct job *j, const struct rusage *before,
		 const struct rusage *after)
{
	struct source sum = { 0 };
	int64_t cpu = ns_of(after->ru_utime) - ns_of(before->ru_utime) + ns_of(after->ru_stime) -
		      ns_of(before->ru_stime);

	for (int i = 0; i < SENDERS; i++) {
		sum.calls += j->sources[i].calls;
		sum.empty += j->sources[i].empty;
		sum.received += j->sources[i].received;
		latency_merge(&sum.latency, &j->sources[i].latency);
	}
	number(m, "received", sum.received);
	number(m, "receives", sum.calls);
	number(m, "empty", sum.empty);
	number(m, "waits", j->waits);
	number(m, "events", j->events);
	number(m, "overflows", j->overflows);
	lab_say("%-24s %8d %9d %8d %8d %8.1f %8.0f %8.0f", m->name, (int)sum.received,
		(int)(sum.calls + j->waits), (int)sum.empty,
		(int)(after->ru_nvcsw - before->ru_nvcsw), (double)cpu / (double)NS_PER_MS,
		(double)latency_percentile(&sum.latency, 500) / (double)NS_PER_US,
		(double)latency_percentile(&sum.latency, 990) / (double)NS_PER_US);
}

static void usage_now(struct rusage *u)
{
	if (getrusage(RUSAGE_SELF, u))
		die_errno("getrusage failed");
}

/* Returns whether the kernel has that model. epfd: stays open if one was made. */
static bool run(const struct model *m, int *epfd)
{
	struct job *j = calloc(1, sizeof(*j));
	struct rusage before, after;
	struct senders s;
	bool has;

	if (!j)
		die("out of memory");
	j->broken = lab_broken;
	j->epfd = -1;
	senders_start(&s, j, m->blocking);
	has = m->prepare(j);
	if (!has)
		lab_say("%-24s not here: %s", m->name, strerror(errno));
	senders_go(&s);
	if (has) {
		usage_now(&before);
		m->receive(j);
		usage_now(&after);
		tell(m, j, &before, &after);
	}
	if (has && m->end)
		m->end(j);
	senders_join(&s, j);
	if (j->epfd >= 0)
		*epfd = j->epfd;
	free(j);
	return has;
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "messages", OPT_NUM, &messages, "N", "of each sender", 2 * BURST, 10000 },
		{ .name = NULL },
	};
	bool has = true;
	int epfd = -1;

	lab_init("Five models of input and output for one job.", own, argc, argv);
	lab_number("senders", SENDERS);
	lab_number("messages", messages);
	lab_say("%-24s %8s %9s %8s %8s %8s %8s %8s", "", "received", "calls", "empty", "switches",
		"cpu ms", "p50 us", "p99 us");
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		has = run(models[i], &epfd);
	lab_say("calls: all of the receiver; empty: those that found nothing; switches: it slept");
	lab_number("uring", has);
	lab_hold();
	lab_done();
	close(epfd);
	return 0;
}
