/* SPDX-License-Identifier: GPL-2.0 */
/* Pipes of a made-up /proc, registered with made-up instances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "descs.h"

#define SECOND 1000000000ULL

static u64 test_now;
static char proc[64];

static u64 now(void)
{
	return test_now;
}

/* What was emitted. */
struct got {
	u32 n;
	struct rec_fd last;
	int err; /* to be returned */
};

static int on_record(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct got *g = ctx;

	assert_int_equal(hdr->type, REC_FD);
	assert_int_equal(hdr->len, sizeof(struct rec_fd));
	memcpy(&g->last, payload, sizeof(g->last));
	g->n++;
	return g->err;
}

/* n items with descriptors first, first + 1, ...: file = fd + 1000, inode number = fd + ino. */
static struct snap_tree *tree(u64 id, s32 first, u32 n, u64 ino)
{
	struct snap_tree *t = calloc(1, sizeof(*t) + n * sizeof(struct snap_node));
	struct snap_node *nodes = (struct snap_node *)(t + 1);
	u32 i;

	t->id = id;
	t->ts = test_now;
	t->items = n;
	for (i = 0; i < n; i++) {
		nodes[i].fd = first + (s32)i;
		nodes[i].file = 1000 + (u64)nodes[i].fd;
		nodes[i].ino = ino + (u64)nodes[i].fd;
	}
	return t;
}

static u32 emit(struct descs *d, u64 id, s32 first, u32 n, u64 ino, struct got *g)
{
	struct snap_tree *t = tree(id, first, n, ino);

	g->n = 0;
	assert_int_equal(descs_emit(d, t, on_record, g), g->err);
	free(t);
	return g->n;
}

static void owner(struct descs *d, u64 id, u32 tgid)
{
	struct snap_owner o = { .id = id, .tgid = tgid, .fd = 3 };

	descs_owner(d, &o);
}

static void open_pipe(u32 tgid, s32 fd, u64 ino)
{
	char path[256], link[64];

	snprintf(path, sizeof(path), "%s/%u", proc, tgid);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%u/fd", proc, tgid);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%u/fd/%d", proc, tgid, fd);
	snprintf(link, sizeof(link), "pipe:[%llu]", (unsigned long long)ino);
	unlink(path);
	assert_int_equal(symlink(link, path), 0);
}

static int setup(void **state)
{
	struct descs *d = calloc(1, sizeof(*d));
	s32 fd;

	snprintf(proc, sizeof(proc), "/tmp/test_descs.XXXXXX");
	assert_non_null(mkdtemp(proc));
	for (fd = 0; fd < 1000; fd++)
		open_pipe(1, fd, 5000 + (u64)fd);
	d->fddesc.proc = proc;
	d->now = now;
	test_now = 1000 * SECOND;
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct descs *d = *state;
	char cmd[128];
	int ret;

	descs_free(d);
	descs_free(d); /* empty again, which is valid */
	free(d);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", proc);
	ret = system(cmd);
	return ret;
}

static void each_item_once(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };

	assert_int_equal(emit(d, 7, 0, 3, 5000, &g), 0); /* nobody owns it yet */
	owner(d, 7, 1);
	assert_int_equal(emit(d, 7, 0, 3, 5000, &g), 3);
	assert_true(g.last.id == 7 && g.last.file == 1002);
	assert_int_equal(g.last.fd, 2);
	assert_int_equal(g.last.tgid, 1);
	assert_string_equal(g.last.type, "pipe");
	assert_string_equal(g.last.detail, "pipe:[5002]");
	assert_int_equal(emit(d, 7, 0, 3, 5000, &g), 0);
	assert_int_equal(emit(d, 7, 0, 5, 5000, &g), 2);
	assert_int_equal(emit(d, 7, 0, 0, 5000, &g), 0);
	assert_int_equal(emit(d, 8, 0, 3, 5000, &g), 0);
}

static void a_few_hundred_a_call(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };

	owner(d, 7, 1);
	assert_int_equal(emit(d, 7, 0, 1000, 5000, &g), 400);
	assert_int_equal(emit(d, 7, 0, 1000, 5000, &g), 400);
	assert_int_equal(emit(d, 7, 0, 1000, 5000, &g), 200);
	assert_int_equal(emit(d, 7, 0, 1000, 5000, &g), 0);
}

static void items_that_go_are_forgotten(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };
	s32 i;

	owner(d, 7, 1);
	for (i = 0; i < 100; i++)
		assert_int_equal(emit(d, 7, i * 10, 10, 5000, &g), 10);
	assert_int_equal(d->list[0].n, 10);
	assert_int_equal(d->list[0].index.used, 10);
	assert_true(d->list[0].index.cap <= 64);
	assert_int_equal(emit(d, 7, 0, 10, 5000, &g), 10);
}

/* The kernel gives a new connection the struct file and the number of the one just closed. */
static void reused_address_and_number(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };

	owner(d, 7, 1);
	assert_int_equal(emit(d, 7, 4, 1, 5000, &g), 1);
	open_pipe(1, 4, 6004);
	assert_int_equal(emit(d, 7, 4, 1, 6000, &g), 1);
	assert_string_equal(g.last.detail, "pipe:[6004]");
}

static void the_owner_that_has_it(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };
	u32 i;

	open_pipe(2, 4, 7004);
	owner(d, 7, 2);
	owner(d, 7, 1);
	owner(d, 7, 3);
	assert_int_equal(emit(d, 7, 4, 1, 7000, &g), 1);
	assert_string_equal(g.last.detail, "pipe:[7004]");
	assert_int_equal(g.last.tgid, 2);
	for (i = 0; i < 1000; i++)
		owner(d, 7, 1 + i % 3);
	assert_int_equal(d->n, 1);
	assert_int_equal(d->list[0].tgids[3], 0);
	for (i = 0; i < 1000; i++)
		owner(d, 7, 1 + i);
	assert_int_equal(d->list[0].tgids[0], 1000);
	assert_int_equal(d->list[0].tgids[DESCS_OWNERS - 1], 1001 - DESCS_OWNERS);
}

static void closed_ones_are_asked_again(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };

	owner(d, 7, 1);
	assert_int_equal(emit(d, 7, 4, 1, 8000, &g), 1);
	assert_string_equal(g.last.type, "other");
	assert_string_equal(g.last.detail, "closed descriptor (inode 8004)");
	assert_int_equal(emit(d, 7, 4, 1, 8000, &g), 0);
	test_now += SECOND;
	assert_int_equal(emit(d, 7, 4, 1, 8000, &g), 0); /* still closed: nothing new to say */
	open_pipe(2, 4, 8004);
	owner(d, 7, 2);
	test_now += SECOND;
	assert_int_equal(emit(d, 7, 4, 1, 8000, &g), 0); /* the next time is two seconds away */
	test_now += SECOND;
	assert_int_equal(emit(d, 7, 4, 1, 8000, &g), 1);
	assert_string_equal(g.last.detail, "pipe:[8004]");
	test_now += 1000 * SECOND;
	assert_int_equal(emit(d, 7, 4, 1, 8000, &g), 0);
}

static void socket_tables(const char *lines)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/1/net", proc);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/1/net/tcp", proc);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "head\n%s", lines);
	fclose(file);
}

static void sockets_connect_later(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };
	char path[256];
	int i;

	for (i = 4; i < 6; i++) {
		snprintf(path, sizeof(path), "%s/1/fd/%d", proc, i);
		unlink(path);
		assert_int_equal(symlink(i == 4 ? "socket:[9004]" : "socket:[9005]", path), 0);
	}
	owner(d, 7, 1);
	socket_tables("");
	assert_int_equal(emit(d, 7, 4, 1, 9000, &g), 1);
	assert_string_equal(g.last.detail, "socket:[9004]");
	socket_tables("0: 0100007F:0050 0100007F:1388 01 0:0 0:0 0 0 0 9004\n"
		      "1: 0100007F:0050 0100007F:1389 01 0:0 0:0 0 0 0 9005\n");
	test_now += SECOND / 4;
	assert_int_equal(emit(d, 7, 4, 2, 9000, &g), 0); /* too early for the tables */
	test_now += 100 * SECOND;
	assert_int_equal(emit(d, 7, 4, 2, 9000, &g), 2);
	assert_string_equal(g.last.detail, "127.0.0.1:80 -> 127.0.0.1:5001");
	assert_int_equal(d->fddesc.net.reads, 2);
}

static void instances_that_go_are_forgotten(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };
	u64 tick;

	for (tick = 1; tick <= 1000; tick++) {
		owner(d, 1, 1);
		owner(d, 1000 + tick, 1);
		emit(d, 1000 + tick, 0, 3, 5000, &g);
		emit(d, 1, 0, 3, 5000, &g);
		assert_int_equal(g.n, tick == 1 ? 3 : 0);
		test_now += SECOND;
	}
	assert_true(d->n < 40);
	assert_true(d->by_id.used == d->n);
}

/* An interval longer than the time after which the gone are forgotten. */
static void slow_samples(void **state)
{
	struct descs *d = *state;
	struct got g = { 0 };
	int tick;

	for (tick = 0; tick < 20; tick++) {
		owner(d, 1, 1);
		owner(d, 2, 1);
		assert_int_equal(emit(d, 2, 0, 3, 5000, &g), tick ? 0 : 3);
		test_now += 3600 * SECOND;
	}
	assert_int_equal(d->n, 2);
}

static void the_streams_error_comes_back(void **state)
{
	struct descs *d = *state;
	struct got g = { .err = -ENOSPC };

	owner(d, 7, 1);
	assert_int_equal(emit(d, 7, 0, 3, 5000, &g), 1);
	g.err = 0;
	assert_int_equal(emit(d, 7, 0, 3, 5000, &g), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_item_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_few_hundred_a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(items_that_go_are_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(reused_address_and_number, setup, teardown),
		cmocka_unit_test_setup_teardown(the_owner_that_has_it, setup, teardown),
		cmocka_unit_test_setup_teardown(closed_ones_are_asked_again, setup, teardown),
		cmocka_unit_test_setup_teardown(sockets_connect_later, setup, teardown),
		cmocka_unit_test_setup_teardown(instances_that_go_are_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(slow_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(the_streams_error_comes_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
