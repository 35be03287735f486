/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asynchronous: io_uring, without a library. A recv() of each source is under way all the time; the
 * kernel does it when the message is there, and the completion says that it is done.
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io_models.h"
#include "util.h"

#define ENTRIES 8 /* at least one per source */

static struct {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	size_t sq_size, cq_size, sqes_size;
	struct io_uring_sqe *sqes;
	unsigned waiting; /* requests that have not been handed to the kernel */
} ring;

static unsigned *at(char *base, unsigned offset)
{
	return (unsigned *)(void *)(base + offset);
}

static void *ring_map(size_t size, off_t what)
{
	void *m =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, what);

	if (m == MAP_FAILED)
		die_errno("cannot map the ring");
	return m;
}

static bool uring_prepare(struct job *j)
{
	(void)j;
	memset(&ring, 0, sizeof(ring));
	ring.fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &ring.p);
	if (ring.fd < 0)
		return false;
	ring.sq_size = ring.p.sq_off.array + ring.p.sq_entries * sizeof(unsigned);
	ring.cq_size = ring.p.cq_off.cqes + ring.p.cq_entries * sizeof(struct io_uring_cqe);
	ring.sqes_size = ring.p.sq_entries * sizeof(struct io_uring_sqe);
	ring.sq = ring_map(ring.sq_size, IORING_OFF_SQ_RING);
	ring.cq = ring_map(ring.cq_size, IORING_OFF_CQ_RING);
	ring.sqes = ring_map(ring.sqes_size, IORING_OFF_SQES);
	return true;
}

static void request(struct source *s)
{
	unsigned *tail = at(ring.sq, ring.p.sq_off.tail);
	unsigned i = *tail & *at(ring.sq, ring.p.sq_off.ring_mask);

	ring.sqes[i] = (struct io_uring_sqe){
		.opcode = IORING_OP_RECV,
		.fd = s->fd,
		.addr = (uintptr_t)((char *)&s->message + s->got),
		.len = (uint32_t)(sizeof(s->message) - s->got),
		.user_data = (uintptr_t)s,
	};
	at(ring.sq, ring.p.sq_off.array)[i] = i;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	ring.waiting++;
}

/* Hands over what was requested, and waits for a completion. */
static void enter(struct job *j)
{
	long n = syscall(SYS_io_uring_enter, ring.fd, ring.waiting, 1, IORING_ENTER_GETEVENTS, NULL,
			 0);

	j->waits++;
	if (n < 0 && errno != EINTR)
		die_errno("io_uring_enter failed");
	ring.waiting -= n > 0 ? (unsigned)n : 0;
}

static void completed(struct job *j, const struct io_uring_cqe *cqe)
{
	struct source *s = (void *)(uintptr_t)cqe->user_data;

	j->events++;
	source_took(s, cqe->res);
	if (!s->over)
		request(s);
}

static void completions(struct job *j)
{
	const struct io_uring_cqe *cqes = (void *)(ring.cq + ring.p.cq_off.cqes);
	unsigned *head = at(ring.cq, ring.p.cq_off.head), *tail = at(ring.cq, ring.p.cq_off.tail);
	unsigned mask = *at(ring.cq, ring.p.cq_off.ring_mask), i = *head;

	for (; i != __atomic_load_n(tail, __ATOMIC_ACQUIRE); i++)
		completed(j, &cqes[i & mask]);
	__atomic_store_n(head, i, __ATOMIC_RELEASE);
}

static void uring_receive(struct job *j)
{
	for (int i = 0; i < SENDERS; i++)
		request(&j->sources[i]);
	while (job_left(j)) {
		enter(j);
		completions(j);
	}
}

static void uring_end(struct job *j)
{
	(void)j;
	munmap(ring.sqes, ring.sqes_size);
	munmap(ring.cq, ring.cq_size);
	munmap(ring.sq, ring.sq_size);
	close(ring.fd);
}

const struct model model_uring = {
	.name = "asynchronous, io_uring",
	.key = "uring",
	.blocking = true, /* else a request that finds nothing fails with EAGAIN */
	.prepare = uring_prepare,
	.receive = uring_receive,
	.end = uring_end,
};
