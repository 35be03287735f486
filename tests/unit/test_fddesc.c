/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors of a made-up /proc, and of this process. */
#include "test_fddesc_fixture.h"
#include <arpa/inet.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include "clock.h"

/* Descriptors first to last are sockets with inode numbers from ino on. */
static void put_sockets(struct fixture *x, s32 first, s32 last, int ino)
{
	char link[32], name[16];

	for (; first <= last; first++, ino++) {
		snprintf(name, sizeof(name), "fd/%d", first);
		snprintf(link, sizeof(link), "socket:[%d]", ino);
		put_link(x, name, link);
	}
}

static void internet_sockets(void **state)
{
	struct fixture *x = *state;

	put_link(x, "ns/net", "net:[4026531840]");
	put_text(x, "net/tcp",
		 TCP_HEAD "   0: 0100007F:0050 00000000:0000 0A" TCP_TAIL "101 1 0 100 0 0 10 0\n"
			  "   1: 0100007F:0050 0100007F:1388 01" TCP_TAIL "102 1 0 20 4 30 10 -1\n"
			  "   2: 0100007F:0050 0200007F:1388 06" TCP_TAIL "0 3 0\n");
	put_text(x, "net/tcp6",
		 TCP_HEAD "   0: 00000000000000000000000001000000:0050 "
			  "00000000000000000000000000000000:0000 0A" TCP_TAIL "103 1 0\n"
			  "   1: 0000000000000000FFFF00000100007F:0050 "
			  "0000000000000000FFFF00000100007F:C000 01" TCP_TAIL "104 1 0\n");
	put_text(x, "net/udp",
		 TCP_HEAD " 1234: 00000000:0035 00000000:0000 07" TCP_TAIL "105 2 0\n");
	put_sockets(x, 1, 6, 101);
	expect(x, 1, 101, FDDESC_DONE, "tcp", "127.0.0.1:80 LISTEN");
	expect(x, 2, 0, FDDESC_DONE, "tcp", "127.0.0.1:80 -> 127.0.0.1:5000");
	expect(x, 3, 103, FDDESC_DONE, "tcp6", "[::1]:80 LISTEN");
	expect(x, 4, 104, FDDESC_DONE, "tcp6", "[::ffff:127.0.0.1]:80 -> [::ffff:127.0.0.1]:49152");
	expect(x, 5, 105, FDDESC_DONE, "udp", "0.0.0.0:53");
	expect(x, 6, 106, FDDESC_VAGUE, "other", "socket:[106]");
	assert_int_equal(x->f.net.reads, 1);
}

static void other_sockets(void **state)
{
	struct fixture *x = *state;

	put_text(x, "net/unix",
		 "Num       RefCount Protocol Flags    Type St Inode Path\n"
		 "0000000000000000: 00000002 00000000 00010000 0001 01 201 /run/my server\n"
		 "0000000000000000: 00000003 00000000 00000000 0001 03   202\n"
		 "0000000000000000: 00000003 00000000 00000000 0001 03   203 @\x1b[31mred");
	put_text(x, "net/netlink",
		 "sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode\n"
		 "0000 15  77 00000002 0 0 0 2 0 204\n");
	put_text(x, "net/packet",
		 "sk RefCnt Type Proto  Iface R Rmem   User   Inode\n"
		 "0000 3 3 0003 2 1 0 0 205\n");
	put_sockets(x, 1, 5, 201);
	expect(x, 1, 0, FDDESC_DONE, "unix", "/run/my server LISTEN");
	expect(x, 2, 0, FDDESC_DONE, "unix", "unix:[202]");
	expect(x, 3, 0, FDDESC_DONE, "unix", "@?[31mred");
	expect(x, 4, 0, FDDESC_DONE, "netlink", "protocol 15 port 77");
	expect(x, 5, 0, FDDESC_DONE, "packet", "protocol 0x0003 interface 2");
}

static void not_sockets(void **state)
{
	struct fixture *x = *state;

	put_link(x, "fd/1", "pipe:[301]");
	put_link(x, "fd/2", "anon_inode:[eventfd]");
	put_text(x, "fdinfo/2",
		 "pos:\t0\nino:\t12\neventfd-count:               1f\neventfd-id: 3\n");
	put_link(x, "fd/3", "anon_inode:[timerfd]");
	put_link(x, "fd/4", "anon_inode:inotify");
	put_link(x, "fd/5", "anon_inode:[eventpoll]");
	put_link(x, "fd/6", "anon_inode:[pidfd]");
	put_text(x, "fdinfo/6", "ino:\t12\nPid:\t4711\n");
	put_link(x, "fd/7", "anon_inode:[a_name_longer_than_the_field]");
	put_link(x, "fd/8", "/dev/pts/3");
	put_link(x, "fd/9", "/dev/null");
	put_link(x, "fd/10", "/no/such (deleted)");
	put_link(x, "fd/11", "net:[4026531840]");
	expect(x, 1, 301, FDDESC_DONE, "pipe", "pipe:[301]");
	expect(x, 2, 12, FDDESC_DONE, "eventfd", "id 3, count 31 when first seen");
	expect(x, 3, 12, FDDESC_DONE, "timerfd", "anon_inode:[timerfd]");
	expect(x, 4, 0, FDDESC_DONE, "inotify", "anon_inode:inotify");
	expect(x, 5, 0, FDDESC_DONE, "epoll", "anon_inode:[eventpoll]");
	expect(x, 6, 0, FDDESC_DONE, "pidfd", "pid 4711");
	expect(x, 7, 0, FDDESC_DONE, "a_name_longer_t",
	       "anon_inode:[a_name_longer_than_the_field]");
	expect(x, 8, 0, FDDESC_DONE, "tty", "/dev/pts/3");
	expect(x, 9, 0, FDDESC_DONE, "device", "/dev/null");
	expect(x, 10, 0, FDDESC_DONE, "file", "/no/such (deleted)");
	expect(x, 11, 0, FDDESC_DONE, "other", "net:[4026531840]");
}

static void reused_and_closed_numbers(void **state)
{
	struct fixture *x = *state;

	put_link(x, "fd/1", "pipe:[401]");
	put_link(x, "fd/2", "anon_inode:[timerfd]");
	put_text(x, "fdinfo/2", "ino:\t12\n");
	expect(x, 1, 400, FDDESC_GONE, "other", "closed descriptor (inode 400)");
	expect(x, 2, 400, FDDESC_GONE, "other", "closed descriptor (inode 400)");
	expect(x, 3, 400, FDDESC_GONE, "other", "closed descriptor (inode 400)");
	assert_int_equal(read_fd(&x->f, 10, 1, 0, 0, 0, &x->out), FDDESC_GONE);
}

static void long_names_keep_their_end(void **state)
{
	struct fixture *x = *state;
	char path[300] = "/";
	size_t i;

	for (i = 1; i < 280; i += 2)
		memcpy(path + i, "\xc3\xa4", 3);
	put_link(x, "fd/1", path);
	read_fd(&x->f, 9, 1, 0, 0, 0, &x->out);
	assert_memory_equal(x->out.detail, "...\xc3\xa4", 5);
	assert_true(strlen(x->out.detail) > 100 && strlen(x->out.detail) < 104);
	strcpy(path + 150, "\x01\x7f end");
	put_link(x, "fd/2", path);
	read_fd(&x->f, 9, 2, 0, 0, 0, &x->out);
	assert_non_null(strstr(x->out.detail, "?? end"));
}

static void tables_are_read_on_a_miss_and_seldom(void **state)
{
	struct fixture *x = *state;
	u64 t = 100 * SECOND;

	put_link(x, "ns/net", "net:[1]");
	put_link(x, "fd/1", "socket:[501]");
	put_text(x, "net/tcp", TCP_HEAD);
	assert_int_equal(read_fd(&x->f, 9, 1, 501, t, t, &x->out), FDDESC_VAGUE);
	put_text(x, "net/tcp",
		 TCP_HEAD "   0: 0100007F:0050 00000000:0000 0A" TCP_TAIL "501 1 0\n");
	/* seen after the tables were read, but too early to read them again */
	assert_int_equal(read_fd(&x->f, 9, 1, 501, t + 1, t + SECOND / 2, &x->out), FDDESC_LATER);
	assert_int_equal(x->f.net.reads, 1);
	t += 100 * SECOND;
	assert_int_equal(read_fd(&x->f, 9, 1, 501, t, t, &x->out), FDDESC_DONE);
	assert_int_equal(x->f.net.reads, 2);
	t += 100 * SECOND;
	assert_int_equal(read_fd(&x->f, 9, 1, 501, t, t, &x->out), FDDESC_DONE);
	assert_int_equal(x->f.net.reads, 2);
}

static void foreign_tables(void **state)
{
	static const char junk[] = "head\n\n  \n1 2 3\n"
				   "0: xyz 00000000:0000 0A" TCP_TAIL "601 1\n"
				   "0: 0100007F 00000000:0000 0A" TCP_TAIL "602 1\n"
				   "0:\0 0100007F:0050 00000000:0000 0A" TCP_TAIL "603 1\n"
				   "a b c d e f g h i -604\n"
				   "a b c d e f g h i 99999999999999999999999\n"
				   "a b c d e f g h i 605";
	struct fixture *x = *state;
	char link[32];
	int i;

	put(x, "net/tcp", junk, sizeof(junk) - 1);
	put(x, "net/unix", junk, sizeof(junk) - 1);
	put(x, "net/netlink", "\0\0\0", 3);
	put_sockets(x, 1, 5, 601);
	for (i = 1; i <= 5; i++) {
		snprintf(link, sizeof(link), "socket:[%d]", 600 + i);
		expect(x, i, 0, FDDESC_VAGUE, "other", link);
	}
}

/* 65 namespaces where 64 are kept. */
static void many_namespaces(void **state)
{
	struct fixture *x = *state;
	char path[256], link[32];
	u64 t = 100 * SECOND;
	int i;

	put_link(x, "fd/1", "socket:[701]");
	put_text(x, "net/tcp",
		 TCP_HEAD "   0: 0100007F:0050 00000000:0000 0A" TCP_TAIL "701 1 0\n");
	snprintf(path, sizeof(path), "%s/9/ns/net", x->proc);
	for (i = 0; i <= NETINFO_SPACES; i++) {
		unlink(path);
		snprintf(link, sizeof(link), "net:[%d]", i + 1);
		assert_int_equal(symlink(link, path), 0);
		assert_int_equal(read_fd(&x->f, 9, 1, 701, t, t, &x->out),
				 i < NETINFO_SPACES ? FDDESC_DONE : FDDESC_LATER);
	}
	t += 100 * SECOND;
	assert_int_equal(read_fd(&x->f, 9, 1, 701, t, t, &x->out), FDDESC_DONE);
	assert_int_equal(x->f.net.reads, NETINFO_SPACES + 1);
}

/* The result must come within a second even with sanitizers: a tenth of that is usual. */
static void twenty_thousand_sockets(void **state)
{
	struct fixture *x = *state;
	char path[256], link[32];
	u64 begin;
	FILE *file;
	int i;

	snprintf(path, sizeof(path), "%s/9/net/tcp", x->proc);
	file = fopen(path, "w");
	fputs(TCP_HEAD, file);
	for (i = 0; i < 20000; i++)
		fprintf(file, "%6d: 0100007F:0050 0100007F:%04X 01" TCP_TAIL "%d 1 0 20 4 30\n", i,
			20000 + i, 1000 + i);
	fclose(file);
	for (i = 0; i < 20000; i += 50)
		put_sockets(x, i, i, 1000 + i);
	begin = clock_mono_ns();
	for (i = 0; i < 20000; i += 50) {
		snprintf(link, sizeof(link), "127.0.0.1:80 -> 127.0.0.1:%d", 20000 + i);
		expect(x, i, 1000 + (u64)i, FDDESC_DONE, "tcp", link);
	}
	print_message("20000 sockets read, 400 described: %.1f ms\n",
		      (double)(clock_mono_ns() - begin) / 1e6);
	assert_true(clock_mono_ns() - begin < SECOND);
	assert_int_equal(x->f.net.reads, 1);
}

/* Descriptor fd of this process, with its inode number; closes it. */
static void expect_own(int fd, enum fddesc_result res, const char *type, const char *detail)
{
	struct fddesc f = { 0 };
	struct rec_fd out;
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(read_fd(&f, (u32)getpid(), fd, st.st_ino, 0, SECOND, &out), res);
	assert_string_equal(out.type, type);
	if (detail)
		assert_string_equal(out.detail, detail);
	fddesc_free(&f);
	close(fd);
}

static int listener(int family, const void *addr, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (bind(fd, addr, len) || listen(fd, 1)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void this_process(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(in);
	char text[128];
	sigset_t set;
	int pair[2], fd;

	(void)state;
	fd = listener(AF_INET, &in, sizeof(in));
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	snprintf(text, sizeof(text), "127.0.0.1:%d LISTEN", ntohs(in.sin_port));
	expect_own(fd, FDDESC_DONE, "tcp", text);
	snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "fddesc-test-%d", getpid());
	snprintf(text, sizeof(text), "@fddesc-test-%d LISTEN", getpid());
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(un.sun_path + 1));
	expect_own(listener(AF_UNIX, &un, len), FDDESC_DONE, "unix", text);
	expect_own(socket(AF_INET, SOCK_STREAM, 0), FDDESC_VAGUE, "tcp", NULL);
	assert_int_equal(pipe(pair), 0);
	close(pair[1]);
	expect_own(pair[0], FDDESC_DONE, "pipe", NULL);
	sigemptyset(&set);
	expect_own(eventfd(5, 0), FDDESC_DONE, "eventfd", NULL);
	expect_own(timerfd_create(CLOCK_MONOTONIC, 0), FDDESC_DONE, "timerfd", NULL);
	expect_own(signalfd(-1, &set, 0), FDDESC_DONE, "signalfd", NULL);
	expect_own(inotify_init(), FDDESC_DONE, "inotify", NULL);
	expect_own(epoll_create1(0), FDDESC_DONE, "epoll", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(internet_sockets, setup, teardown),
		cmocka_unit_test_setup_teardown(other_sockets, setup, teardown),
		cmocka_unit_test_setup_teardown(not_sockets, setup, teardown),
		cmocka_unit_test_setup_teardown(reused_and_closed_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(long_names_keep_their_end, setup, teardown),
		cmocka_unit_test_setup_teardown(tables_are_read_on_a_miss_and_seldom, setup,
						teardown),
		cmocka_unit_test_setup_teardown(foreign_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(many_namespaces, setup, teardown),
		cmocka_unit_test_setup_teardown(twenty_thousand_sockets, setup, teardown),
		cmocka_unit_test(this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
