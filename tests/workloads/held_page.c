/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "held_page.h"
#include "wl.h"

#define FAULT_LIMIT_MS 10000

static int uffd;
static void *page;
static size_t page_size;

/* For faults of the kernel itself, which needs CAP_SYS_PTRACE or the sysctl. */
void *held_page_open(size_t *size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	*size = page_size = (size_t)sysconf(_SC_PAGESIZE);
	uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0 && (errno == EPERM || errno == ENOSYS)) {
		fprintf(stderr,
			"%s: skipped: userfaultfd for kernel faults: %s (run as root, or "
			"set vm.unprivileged_userfaultfd=1)\n",
			program_invocation_short_name, strerror(errno));
		exit(EXIT_SKIPPED);
	}
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api))
		die_errno("cannot open a userfaultfd");
	page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		die_errno("cannot map a page");
	reg.range.start = (uintptr_t)page;
	reg.range.len = page_size;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		die_errno("cannot register the page with userfaultfd");
	return page;
}

static bool touched_within(int ms)
{
	struct pollfd p = { .fd = uffd, .events = POLLIN };
	int n;

	do {
		n = poll(&p, 1, ms);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

bool held_page_touched(void)
{
	return touched_within(0);
}

void held_page_await(void)
{
	struct uffd_msg msg;

	if (!touched_within(FAULT_LIMIT_MS) || read(uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_PAGEFAULT)
		die("epoll_wait did not touch its event array within %d ms", FAULT_LIMIT_MS);
}

void held_page_give(void)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)page, page_size } };

	if (ioctl(uffd, UFFDIO_ZEROPAGE, &zero))
		die_errno("cannot resolve the page fault");
}

void held_page_take_back(void)
{
	if (madvise(page, page_size, MADV_DONTNEED))
		die_errno("cannot drop the page");
}
