/* SPDX-License-Identifier: GPL-2.0 */
/* Calls through io_uring, without a library: one request at a time, each waited for. */
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"
#include "ways.h"

#define OP_EPOLL_WAIT 59 /* IORING_OP_EPOLL_WAIT, not in the headers before 6.15 */
#define ENTRIES       8
#define OPS           256

static struct {
	int fd;
	enum uring_mode mode;
	unsigned *sq_tail, *sq_flags, *sq_array, *cq_head, *cq_tail;
	unsigned sq_mask, cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
} ring;

static void *ring_map(size_t size, off_t what)
{
	void *at =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, what);

	if (at == MAP_FAILED)
		die_errno("cannot map the ring");
	return at;
}

static bool op_known(unsigned op)
{
	static struct {
		struct io_uring_probe head;
		struct io_uring_probe_op ops[OPS];
	} probe;

	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PROBE, &probe, OPS))
		die_errno("cannot ask which operations io_uring has");
	return op <= probe.head.last_op && probe.ops[op].flags & IO_URING_OP_SUPPORTED;
}

bool uring_open(enum uring_mode mode)
{
	struct io_uring_params p = { .sq_thread_idle = 1000 };
	char *sq, *cq;

	if (mode == URING_SQPOLL)
		p.flags = IORING_SETUP_SQPOLL;
	ring.mode = mode;
	ring.fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &p);
	if (ring.fd < 0)
		die_errno("cannot make an io_uring (is kernel.io_uring_disabled set?)");
	sq = ring_map(p.sq_off.array + p.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
	cq = ring_map(p.cq_off.cqes + p.cq_entries * sizeof(*ring.cqes), IORING_OFF_CQ_RING);
	ring.sqes = ring_map(p.sq_entries * sizeof(*ring.sqes), IORING_OFF_SQES);
	ring.sq_tail = (unsigned *)(sq + p.sq_off.tail);
	ring.sq_flags = (unsigned *)(sq + p.sq_off.flags);
	ring.sq_array = (unsigned *)(sq + p.sq_off.array);
	ring.sq_mask = *(unsigned *)(sq + p.sq_off.ring_mask);
	ring.cq_head = (unsigned *)(cq + p.cq_off.head);
	ring.cq_tail = (unsigned *)(cq + p.cq_off.tail);
	ring.cq_mask = *(unsigned *)(cq + p.cq_off.ring_mask);
	ring.cqes = (void *)(cq + p.cq_off.cqes);
	return op_known(OP_EPOLL_WAIT);
}

static void enter(unsigned submit, unsigned complete)
{
	unsigned flags = complete ? IORING_ENTER_GETEVENTS : 0;

	if (ring.mode == URING_SQPOLL) {
		if (__atomic_load_n(ring.sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
			flags |= IORING_ENTER_SQ_WAKEUP;
	}
	if (syscall(SYS_io_uring_enter, ring.fd, submit, complete, flags, NULL, 0) < 0 &&
	    errno != EINTR)
		die_errno("io_uring_enter");
}

static void submit(const struct io_uring_sqe *sqe)
{
	unsigned tail = *ring.sq_tail;

	ring.sqes[tail & ring.sq_mask] = *sqe;
	ring.sq_array[tail & ring.sq_mask] = tail & ring.sq_mask;
	__atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_SEQ_CST);
	enter(1, 0);
}

/* The next completion. */
static int complete(uint64_t *user_data)
{
	struct io_uring_cqe cqe;
	unsigned head = *ring.cq_head;

	while (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == head)
		enter(0, 1);
	cqe = ring.cqes[head & ring.cq_mask];
	__atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
	*user_data = cqe.user_data;
	return cqe.res;
}

static struct io_uring_sqe wait_sqe(int epfd, long events, long maxevents)
{
	return (struct io_uring_sqe){ .opcode = OP_EPOLL_WAIT,
				      .flags = ring.mode == URING_ASYNC ? IOSQE_ASYNC : 0,
				      .fd = epfd,
				      .addr = (uint64_t)events,
				      .len = (uint32_t)maxevents };
}

static long uring_call(enum call what, const long a[6])
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_EPOLL_CTL,
		.flags = ring.mode == URING_ASYNC ? IOSQE_ASYNC : 0,
		.fd = (int)a[0],
		.len = (uint32_t)a[1],
		.off = (uint64_t)a[2],
		.addr = (uint64_t)a[3],
	};
	uint64_t user_data;

	if (what == CALL_WAIT)
		sqe = wait_sqe((int)a[0], a[1], a[2]);
	else if (what != CALL_CTL)
		return abi_raw.call(what, a);
	submit(&sqe);
	return complete(&user_data);
}

void uring_wait_cancelled(int epfd, void *events, int maxevents)
{
	struct io_uring_sqe wait = wait_sqe(epfd, (long)(uintptr_t)events, maxevents);
	struct io_uring_sqe cancel = { .opcode = IORING_OP_ASYNC_CANCEL,
				       .addr = 1,
				       .user_data = 2 };
	int wait_ret = 0, cancel_ret = 0, ret;
	uint64_t user_data, seen = 0;

	wait.user_data = 1;
	submit(&wait);
	while (!(seen & 1)) {
		submit(&cancel);
		for (seen &= 1; !(seen & 2) || (!cancel_ret && !(seen & 1)); seen |= user_data) {
			ret = complete(&user_data);
			*(user_data == 1 ? &wait_ret : &cancel_ret) = ret;
		}
		sleep_ns(NS_PER_MS); /* not found, or -EALREADY: on its way to where it waits */
	}
	if (wait_ret != -ECANCELED)
		die("a cancelled wait ended with %d", wait_ret);
}

const struct abi abi_uring = { .name = "io_uring", .call = uring_call, .uring = true };
