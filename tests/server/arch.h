/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the architectures of lab_architectures share: the service (echo), the connection, and how
 * they count. Each architecture is a function in a file of its own, arch_NAME.c, that serves so many
 * connections until their clients have closed them, and returns.
 */
#ifndef TESTS_ARCH_H
#define TESTS_ARCH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "latency.h"

#define ARCH_MESSAGE     64
#define ARCH_WORKERS     4
#define ARCH_CONNECTIONS 64 /* at most */
#define ARCH_BATCH       16 /* events per wait */

/* What the client saw. */
struct arch_load {
	int64_t echoed, damaged; /* messages that came back as they were sent, and others */
	int64_t daytimes;        /* super-server: answers that were a time */
	int64_t ns;              /* from the first message to the last echo */
	struct latency latency;
};

/* One run of one architecture; in memory that is shared with the client and other processes. */
struct arch {
	int listener, daytime, discard; /* the last two: super-server only, else -1 */
	int connections, messages;      /* as many messages on each connection */
	uint16_t port, daytime_port, discard_port;
	bool broken;
	int gate[2]; /* a pipe: closed when the server is ready */
	int epfds[ARCH_WORKERS], nepfds;
	_Atomic int64_t waits, delivered;
	_Atomic int64_t served[ARCH_CONNECTIONS]; /* bytes, by worker */
	int workers;                              /* that many count */
	int64_t completions;                      /* proactor: events of its queue of answers */
	int64_t discards, discarded;              /* super-server: events, and bytes */
	struct arch_load load;
};

/* ---- the architectures ---- */

void arch_process(struct arch *a);
void arch_thread(struct arch *a);
void arch_reactor(struct arch *a);
void arch_queue(struct arch *a);
void arch_handover(struct arch *a);
void arch_leaders(struct arch *a);
void arch_proactor(struct arch *a);
void arch_super(struct arch *a);

/* ---- for all of them ---- */

/* The server is ready to accept: the clients may come. */
void arch_ready(struct arch *a);

/* A named instance, kept open until the program ends. */
int arch_epoll(struct arch *a, const char *name);

/* epoll_ctl with a pointer as data. */
void arch_watch(int epfd, int op, int fd, uint32_t events, void *data);

/* epoll_wait without a timeout, counted; 0: a signal came. */
int arch_wait(struct arch *a, int epfd, struct epoll_event *events, int max);

struct conn {
	int fd;
	size_t len, done;  /* bytes in buf, and of these answered */
	atomic_bool busy;  /* between conn_take() and conn_arm() */
	struct conn *next; /* in a queue */
	void *owner;       /* what its architecture needs to know */
	char buf[1024];
};

enum conn_wants {
	CONN_OVER, /* the client has closed it, or it is broken */
	CONN_INPUT = EPOLLIN,
	CONN_OUTPUT = EPOLLOUT,
};

/* The next connection, NULL: none there, or no descriptor was left and it is refused. flags:
 * SOCK_NONBLOCK or 0. */
struct conn *conn_accept(int listener, int flags);
void conn_close(struct conn *c);

/*
 * With EPOLLONESHOT, where any thread may get the next event: whoever handles it takes the connection
 * first, and must not touch it after arming it again. Dies if somebody else has it.
 */
void conn_take(struct conn *c);
void conn_arm(int epfd, int op, struct conn *c, enum conn_wants wants);

/* Takes what has come, at most so much in all; CONN_INPUT also when nothing was there. */
enum conn_wants conn_fill(struct conn *c, size_t most);
/* Sends what is left of buf. CONN_INPUT: all is sent, and buf is empty. */
enum conn_wants conn_flush(struct conn *c);
/* One read, and all that it gave is sent back. Adds the bytes to *served. */
enum conn_wants conn_echo(struct conn *c, _Atomic int64_t *served);

/* Connections on their way from one thread to another. A connection is in one queue at a time. */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct conn *head, **tail;
	bool ended;
};

void queue_init(struct queue *q);
void queue_free(struct queue *q);
void queue_put(struct queue *q, struct conn *c);
/* Waits for one; NULL: the queue is empty and has ended. */
struct conn *queue_get(struct queue *q);
/* NULL: empty. */
struct conn *queue_try(struct queue *q);
/* All who wait in queue_get() return. */
void queue_end(struct queue *q);

struct worker {
	pthread_t thread;
	struct arch *arch;
	void *shared; /* what the workers of that architecture have in common */
	int index;
};

void worker_start(struct worker *w, int index, struct arch *a, void *shared, void *(*run)(void *));
void workers_start(struct worker *w, int count, struct arch *a, void *shared, void *(*run)(void *));
void workers_join(struct worker *w, int count);

/* An eventfd, and +1 to it. */
int bell_new(void);
void bell_ring(int bell);

/* ---- the client ---- */

/* The whole load, as a process of its own. It waits for arch_ready(). */
pid_t arch_load_start(struct arch *a);
/* Waits for its end; dies if it failed. */
void arch_load_join(pid_t pid);

#endif
