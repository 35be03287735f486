/* SPDX-License-Identifier: GPL-2.0 */
/* A made-up /proc with a process 9. */
#ifndef TEST_FDDESC_FIXTURE_H
#define TEST_FDDESC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fddesc.h"

#define SECOND 1000000000ULL
#define TCP_HEAD                                                                      \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt" \
	"   uid  timeout inode\n"
#define TCP_TAIL " 00000000:00000000 00:00000000 00000000     0        0 "

struct fixture {
	struct fddesc f;
	char proc[64];
	struct rec_fd out;
};

static void put(struct fixture *x, const char *name, const char *text, size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/9/%s", x->proc, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void put_text(struct fixture *x, const char *name, const char *text)
{
	put(x, name, text, strlen(text));
}

static void put_link(struct fixture *x, const char *name, const char *to)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/9/%s", x->proc, name);
	assert_int_equal(symlink(to, path), 0);
}

static int setup(void **state)
{
	static const char *const dirs[] = { "", "/fd", "/fdinfo", "/net", "/ns" };
	struct fixture *x = calloc(1, sizeof(*x));
	char path[256];
	size_t i;

	snprintf(x->proc, sizeof(x->proc), "/tmp/test_fddesc.XXXXXX");
	assert_non_null(mkdtemp(x->proc));
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/9%s", x->proc, dirs[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	x->f.proc = x->proc;
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;
	char cmd[128];

	fddesc_free(&x->f);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", x->proc);
	free(x);
	return system(cmd);
}

static enum fddesc_result read_fd(struct fddesc *f, u32 tgid, s32 fd, u64 ino, u64 since, u64 now,
				  struct rec_fd *out)
{
	const struct fddesc_item item = { .key.fd = fd, .ino = ino };

	return fddesc_read(f, tgid, &item, since, now, out);
}

static void expect(struct fixture *x, s32 fd, u64 ino, enum fddesc_result res, const char *type,
		   const char *detail)
{
	memset(&x->out, 0x55, sizeof(x->out));
	assert_int_equal(read_fd(&x->f, 9, fd, ino, SECOND, 100 * SECOND, &x->out), res);
	assert_string_equal(x->out.type, type);
	assert_string_equal(x->out.detail, detail);
	assert_int_equal(x->out.fd, fd);
	assert_int_equal(x->out.tgid, 9);
}

#endif
