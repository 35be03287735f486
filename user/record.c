/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "record.h"

#define BUFFER_SIZE (256 * 1024)

struct recorder {
	int fd;
	int err; /* first error, negative errno */
	size_t len;
	char buf[BUFFER_SIZE];
};

_Static_assert(REC_END < RECORD_SIZES, "sizes of all types fit the header");
_Static_assert(sizeof(struct record_file) == 144, "record_file");

void record_file_init(struct record_file *f)
{
	*f = (struct record_file){ .order = RECORD_ORDER, .version = RECORD_VERSION };
	memcpy(f->magic, RECORD_MAGIC, sizeof(f->magic));
	f->sizes[0] = sizeof(struct snap_node);
	for (u32 type = REC_META; type <= REC_END; type++)
		f->sizes[type] = (u32)record_size(type);
}

static void write_all(struct recorder *rec, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	while (len && !rec->err) {
		n = write(rec->fd, at, len);
		if (n < 0 && errno != EINTR)
			rec->err = -errno;
		if (n < 0)
			continue;
		at += n;
		len -= (size_t)n;
	}
}

static void buffer_flush(struct recorder *rec)
{
	write_all(rec, rec->buf, rec->len);
	rec->len = 0;
}

static void buffer_add(struct recorder *rec, const void *data, size_t len)
{
	if (!len)
		return;
	if (len > BUFFER_SIZE - rec->len)
		buffer_flush(rec);
	if (len > BUFFER_SIZE) {
		write_all(rec, data, len);
		return;
	}
	memcpy(rec->buf + rec->len, data, len);
	rec->len += len;
}

int recorder_open(struct recorder **out, const char *path)
{
	struct recorder *rec = malloc(sizeof(*rec));
	struct record_file file;

	*out = NULL;
	if (!rec)
		return -ENOMEM;
	rec->err = 0;
	rec->len = 0;
	if (!strcmp(path, "-"))
		rec->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		rec->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (rec->fd < 0) {
		free(rec);
		return -errno;
	}
	record_file_init(&file);
	buffer_add(rec, &file, sizeof(file));
	buffer_flush(rec); /* a disk that is full already is told at once */
	*out = rec;
	return rec->err;
}

int recorder_write(void *ctx, const struct rec_hdr *hdr, const void *payload)
{
	struct recorder *rec = ctx;

	if (hdr->type == REC_END)
		return rec->err;
	buffer_add(rec, hdr, sizeof(*hdr));
	buffer_add(rec, payload, hdr->len);
	if (hdr->type == REC_TICK)
		buffer_flush(rec);
	return rec->err;
}

int recorder_close(struct recorder *rec)
{
	struct rec_hdr end = { .type = REC_END };
	int err;

	if (!rec)
		return 0;
	if (!rec->err)
		buffer_add(rec, &end, sizeof(end));
	buffer_flush(rec);
	/* Some file systems tell of a full disk only here. */
	if (close(rec->fd) && !rec->err)
		rec->err = -errno;
	err = rec->err;
	free(rec);
	return err;
}
