/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stall.h"
#include "util.h"

#define LIMIT_MS 10000

void stall_open(struct stall *s)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	s->size = (size_t)sysconf(_SC_PAGESIZE);
	s->max = (int)(s->size / sizeof(*s->events));
	s->uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (s->uffd < 0 || ioctl(s->uffd, UFFDIO_API, &api))
		die_errno("cannot open a userfaultfd (it needs root)");
	s->events = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->events == MAP_FAILED)
		die_errno("cannot map a page");
	reg.range.start = (uintptr_t)s->events;
	reg.range.len = s->size;
	if (ioctl(s->uffd, UFFDIO_REGISTER, &reg))
		die_errno("cannot register the page with userfaultfd");
}

void stall_close(const struct stall *s)
{
	close(s->uffd);
	munmap(s->events, s->size);
}

void stall_await(const struct stall *s)
{
	struct pollfd p = { .fd = s->uffd, .events = POLLIN };
	struct uffd_msg msg;
	int n;

	do {
		n = poll(&p, 1, LIMIT_MS);
	} while (n < 0 && errno == EINTR);
	if (n != 1 || read(s->uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_PAGEFAULT)
		die("epoll_wait did not touch its event array within %d ms", LIMIT_MS);
}

void stall_end(const struct stall *s)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)s->events, s->size } };

	if (ioctl(s->uffd, UFFDIO_ZEROPAGE, &zero))
		die_errno("cannot resolve the page fault");
}

void stall_again(const struct stall *s)
{
	if (madvise(s->events, s->size, MADV_DONTNEED))
		die_errno("cannot drop the page");
}
