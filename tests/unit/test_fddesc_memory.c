/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors as memory tells what they are. */
#include "test_fddesc_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>

/* The file of descriptor 1, and what is said of it in turn; how often was asked. */
static struct file_facts memory;
static int answers[2], asked;

static int on_ask(void *ctx, u32 tgid, const struct fddesc_item *item, struct file_facts *out)
{
	assert_ptr_equal(ctx, &memory);
	assert_int_equal(tgid, 9);
	assert_int_equal(item->key.fd, 1);
	*out = memory;
	return answers[asked++];
}

static void remember(struct fixture *x, u64 magic, u64 ino, const char *name)
{
	x->f.ask = on_ask;
	x->f.ask_ctx = &memory;
	memory = (struct file_facts){ .magic = magic, .ino = ino, .known = ~0u };
	snprintf(memory.name, sizeof(memory.name), "%s", name);
	answers[0] = answers[1] = FILE_HERE;
	asked = 0;
}

static void memory_is_enough_without_a_path(void **state)
{
	struct fixture *x = *state;

	remember(x, ANON_INODE_FS_MAGIC, 12, "[eventfd]");
	memory.eventfd_count = 31;
	memory.eventfd_id = 3;
	expect(x, 1, 12, FDDESC_DONE, "eventfd", "id 3, count 31 when first seen");
	remember(x, ANON_INODE_FS_MAGIC, 12, "[signalfd]");
	memory.signals = 1ULL << 9 | 1ULL << 63;
	expect(x, 1, 12, FDDESC_DONE, "signalfd", "signals 10,64");
	remember(x, ANON_INODE_FS_MAGIC, 12, "[timerfd]");
	memory.clock = 7;
	expect(x, 1, 12, FDDESC_DONE, "timerfd", "CLOCK_BOOTTIME");
	remember(x, ANON_INODE_FS_MAGIC, 12, "[timerfd]");
	memory.known = 0;
	expect(x, 1, 12, FDDESC_DONE, "timerfd", "anon_inode:[timerfd]");
	remember(x, ANON_INODE_FS_MAGIC, 12, "bpf-map");
	memory.map_id = 77;
	expect(x, 1, 12, FDDESC_DONE, "bpf-map", "map id 77");
	remember(x, ANON_INODE_FS_MAGIC, 12, "[eventpoll]");
	expect(x, 1, 12, FDDESC_DONE, "epoll", "anon_inode:[eventpoll]");
	remember(x, PIDFS_MAGIC, 13, "/");
	memory.pid = 4711;
	expect(x, 1, 13, FDDESC_DONE, "pidfd", "pid 4711");
	remember(x, PIPEFS_MAGIC, 301, "");
	memory.flags = O_WRONLY | O_NONBLOCK;
	expect(x, 1, 301, FDDESC_DONE, "pipe", "pipe:[301], write end");
	assert_int_equal(asked, 1);
}

static void memory_names_sockets(void **state)
{
	struct fixture *x = *state;

	put_text(x, "net/tcp",
		 TCP_HEAD "   0: 0100007F:0050 00000000:0000 0A" TCP_TAIL "101 1 0\n");
	remember(x, SOCKFS_MAGIC, 101, "TCP");
	expect(x, 1, 101, FDDESC_DONE, "tcp", "127.0.0.1:80 LISTEN");
	remember(x, SOCKFS_MAGIC, 102, "TCPv6");
	expect(x, 1, 102, FDDESC_VAGUE, "tcp6", "unbound or in another netns, socket:[102]");
	remember(x, SOCKFS_MAGIC, 103, "VSOCK");
	expect(x, 1, 103, FDDESC_VAGUE, "other", "VSOCK, socket:[103]");
}

static void a_path_counts_if_the_descriptor_stays(void **state)
{
	struct fixture *x = *state;

	put_link(x, "fd/1", "/dev/kmsg");
	remember(x, TMPFS_MAGIC, 14, "kmsg");
	memory.mode = S_IFCHR | 0644;
	expect(x, 1, 14, FDDESC_DONE, "device", "/dev/kmsg");
	assert_int_equal(asked, 2);
	remember(x, TMPFS_MAGIC, 14, "kmsg");
	memory.mode = S_IFIFO | 0644;
	memory.flags = O_RDWR;
	expect(x, 1, 14, FDDESC_DONE, "pipe", "/dev/kmsg, both ends");
	remember(x, TMPFS_MAGIC, 14, "kmsg");
	answers[1] = FILE_ELSEWHERE;
	expect(x, 1, 14, FDDESC_GONE, "other", "closed descriptor (inode 14)");
	remember(x, TMPFS_MAGIC, 14, "kmsg");
	answers[1] = FILE_UNKNOWN;
	assert_int_equal(read_fd(&x->f, 9, 1, 14, 0, 0, &x->out), FDDESC_LATER);
}

static void memory_does_not_know(void **state)
{
	struct fixture *x = *state;

	put_link(x, "fd/1", "pipe:[301]");
	remember(x, PIPEFS_MAGIC, 301, "");
	answers[0] = FILE_ELSEWHERE;
	expect(x, 1, 301, FDDESC_GONE, "other", "closed descriptor (inode 301)");
	remember(x, PIPEFS_MAGIC, 301, "");
	answers[0] = FILE_UNKNOWN;
	assert_int_equal(read_fd(&x->f, 9, 1, 301, 0, 0, &x->out), FDDESC_LATER);
	/* another file at the address of the one that the snapshot met */
	remember(x, PIPEFS_MAGIC, 302, "");
	assert_int_equal(read_fd(&x->f, 9, 1, 301, 0, 0, &x->out), FDDESC_LATER);
	/* the kernel did not answer: /proc does */
	remember(x, PIPEFS_MAGIC, 0, "");
	answers[0] = -EINVAL;
	memset(&memory, 0, sizeof(memory));
	expect(x, 1, 301, FDDESC_DONE, "pipe", "pipe:[301]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(memory_is_enough_without_a_path, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_names_sockets, setup, teardown),
		cmocka_unit_test_setup_teardown(a_path_counts_if_the_descriptor_stays, setup,
						teardown),
		cmocka_unit_test_setup_teardown(memory_does_not_know, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
