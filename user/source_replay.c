/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "log.h"
#include "record.h"
#include "source_replay.h"

#define READ_SIZE (256 * 1024)
/* A payload above this is damage: a tree of a million items is a tenth of it. */
#define PAYLOAD_MAX (1u << 30)
/* What a paced batch may hold before its tick; then it is emitted at once. */
#define BATCH_MAX (256u << 20)
/* A longer gap between two ticks is damage: no interval is above an hour. */
#define GAP_MAX_NS (3600ULL * 1000000000)

/* Memory that grows with what was really read, never with what a length claims. */
struct bytes {
	char *mem;
	size_t len, cap;
};

struct replay {
	int fd;
	bool paced;
	bool eof, damaged, ended;
	char buf[READ_SIZE];
	size_t at, have;
	u64 offset;            /* of buf + at in the file */
	struct bytes batch;    /* records of the batch that is being read, header and payload */
	bool batch_ready;      /* read up to its tick: waits for its time */
	u64 tick_ts, due_ns;   /* of that batch; due in our own time */
	u64 prev_ts, prev_due; /* of the batch before, 0: none */
};

static u64 mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000 + (u64)ts.tv_nsec;
}

static int bytes_reserve(struct bytes *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 4096;
	char *more;

	if (n <= b->cap - b->len)
		return 0;
	while (cap - b->len < n)
		cap *= 2;
	more = realloc(b->mem, cap);
	if (!more)
		return -ENOMEM;
	b->mem = more;
	b->cap = cap;
	return 0;
}

/* Fills the read buffer. Returns 1, 0 at the end of the file, or a negative errno. */
static int buffer_fill(struct replay *r)
{
	ssize_t n;

	do
		n = read(r->fd, r->buf, READ_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	r->at = 0;
	r->have = (size_t)n;
	return n > 0;
}

/* Appends len bytes of the file. Returns how many there were, or a negative errno. */
static ssize_t read_bytes(struct replay *r, struct bytes *to, size_t len)
{
	size_t done = 0, n;
	int ret;

	while (done < len) {
		if (r->at == r->have) {
			ret = buffer_fill(r);
			if (ret <= 0)
				return ret ? ret : (ssize_t)done;
		}
		n = r->have - r->at < len - done ? r->have - r->at : len - done;
		if (bytes_reserve(to, n))
			return -ENOMEM;
		memcpy(to->mem + to->len, r->buf + r->at, n);
		to->len += n;
		r->at += n;
		r->offset += n;
		done += n;
	}
	return (ssize_t)done;
}

static void damage(struct replay *r, const char *what)
{
	log_error("recording is damaged: %s at byte %llu; what came before is shown", what,
		  (unsigned long long)r->offset);
	r->damaged = true;
	r->eof = true;
}

/*
 * Appends the next record to the batch; *hdr tells what it was. Returns 1, 0 if there is none (the
 * end or damage), or a negative errno. Unknown types and misfit lengths leave the batch as it is
 * and set hdr->type to 0.
 */
static int read_record(struct replay *r, struct rec_hdr *hdr)
{
	size_t start = r->batch.len;
	ssize_t n = read_bytes(r, &r->batch, sizeof(*hdr));

	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(*hdr)) {
		r->batch.len = start;
		damage(r, n ? "it was cut off inside a record" : "it ends without its end mark");
		return 0;
	}
	memcpy(hdr, r->batch.mem + start, sizeof(*hdr));
	if (hdr->len > PAYLOAD_MAX) {
		r->batch.len = start;
		damage(r, "a record of impossible length");
		return 0;
	}
	n = read_bytes(r, &r->batch, hdr->len);
	if (n < 0)
		return (int)n;
	if ((size_t)n < hdr->len) {
		r->batch.len = start;
		damage(r, "it was cut off inside a record");
		return 0;
	}
	if (!record_valid(hdr, r->batch.mem + start + sizeof(*hdr))) {
		r->batch.len = start;
		hdr->type = 0;
	}
	return 1;
}

/* Hands out what was read. Known types have lengths that keep their payloads aligned to 8. */
static int batch_emit(struct replay *r, record_fn fn, void *ctx)
{
	const struct rec_hdr *hdr;
	int err = 0;

	for (size_t at = 0; at < r->batch.len && !err; at += sizeof(*hdr) + hdr->len) {
		hdr = (const struct rec_hdr *)(r->batch.mem + at);
		err = fn(ctx, hdr, hdr + 1);
	}
	r->batch.len = 0;
	return err;
}

/* Our time for a batch: the recorded distance from the one before. The first is due at once. */
static void batch_schedule(struct replay *r)
{
	u64 now = mono_ns(), gap = 0;

	memcpy(&r->tick_ts, r->batch.mem + r->batch.len - sizeof(r->tick_ts), sizeof(r->tick_ts));
	if (r->prev_ts && r->tick_ts > r->prev_ts)
		gap = r->tick_ts - r->prev_ts;
	if (gap > GAP_MAX_NS)
		gap = GAP_MAX_NS;
	r->due_ns = r->prev_due ? r->prev_due + gap : now;
	r->batch_ready = true;
}

/*
 * Reads on to the end of the batch; emits records as they are read unless they have to wait for
 * their time. Returns 1 at the tick, 0 at the end of the recording, or a negative errno.
 */
static int batch_read(struct replay *r, record_fn fn, void *ctx)
{
	struct rec_hdr hdr;
	int ret;

	while (!r->eof) {
		ret = read_record(r, &hdr);
		if (ret < 0)
			return ret;
		if (!ret)
			break;
		if (hdr.type == REC_END)
			r->eof = true;
		if (hdr.type == REC_TICK && r->paced) {
			batch_schedule(r);
			return 1;
		}
		if (!r->paced || r->batch.len > BATCH_MAX)
			ret = batch_emit(r, fn, ctx);
		if (ret < 0)
			return ret;
		if (hdr.type == REC_TICK)
			return 1;
	}
	ret = batch_emit(r, fn, ctx);
	return ret < 0 ? ret : 0;
}

static int replay_due_ms(struct source *src)
{
	struct replay *r = src->priv;
	u64 now = mono_ns();

	if (!r->batch_ready || r->due_ns <= now)
		return 0;
	return (int)((r->due_ns - now + 999999) / 1000000);
}

/* Sleeps until the batch is due, for timeout_ms at most. Returns whether it is. */
static bool wait_due(struct source *src, int timeout_ms)
{
	int due = replay_due_ms(src);

	if (timeout_ms >= 0 && timeout_ms < due)
		due = timeout_ms;
	if (due > 0)
		poll(NULL, 0, due);
	return replay_due_ms(src) == 0;
}

static int replay_next(struct source *src, int timeout_ms, record_fn fn, void *ctx)
{
	struct replay *r = src->priv;
	int ret;

	if (!r->batch_ready) {
		ret = r->eof ? 0 : batch_read(r, fn, ctx);
		if (ret <= 0)
			return ret ? ret : SOURCE_END;
		if (!r->batch_ready)
			return 1;
	}
	if (!wait_due(src, timeout_ms))
		return 0;
	r->batch_ready = false;
	r->prev_ts = r->tick_ts;
	r->prev_due = r->due_ns;
	ret = batch_emit(r, fn, ctx);
	return ret ? ret : 1;
}

static void replay_focus(struct source *src, u64 id)
{
	(void)src; /* the recording has what it has */
	(void)id;
}

static void replay_close(struct source *src)
{
	struct replay *r = src->priv;

	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->batch.mem);
	free(r);
	src->priv = NULL;
}

bool source_replay_damaged(const struct source *src)
{
	const struct replay *r = src->priv;

	return r && r->damaged;
}

/* Says what is wrong with the file's first bytes. */
static enum exit_code header_check(const struct record_file *f, const char *path)
{
	struct record_file ours;

	record_file_init(&ours);
	if (memcmp(f->magic, ours.magic, sizeof(f->magic)))
		log_error(
			"%s is not a recording of epscope; make one with `epscope record -o FILE`",
			path);
	else if (f->order != ours.order)
		log_error(
			"%s was recorded on a machine of another byte order; replay it on such a one",
			path);
	else if (f->version != ours.version)
		log_error(
			"%s has format version %u, this epscope reads %u; replay it with the epscope "
			"that recorded it",
			path, f->version, ours.version);
	else if (memcmp(f->sizes, ours.sizes, sizeof(f->sizes)))
		log_error(
			"%s was recorded by another build of epscope with other records; replay it "
			"with that one",
			path);
	else
		return EXIT_OK;
	return EXIT_RECORDING;
}

static enum exit_code header_read(struct replay *r, const char *path)
{
	struct record_file file = { 0 };
	ssize_t n = read_bytes(r, &r->batch, sizeof(file));

	if (n < 0) {
		log_error("cannot read %s: %s; give a file that `epscope record -o` made", path,
			  strerror((int)-n));
		return EXIT_RECORDING;
	}
	memcpy(&file, r->batch.mem ? r->batch.mem : "", (size_t)n);
	r->batch.len = 0;
	return header_check(&file, path);
}

enum exit_code source_replay_open(struct source *src, const char *path, bool paced)
{
	struct replay *r = calloc(1, sizeof(*r));
	enum exit_code code;

	*src = (struct source){
		.priv = r,
		.next = replay_next,
		.due_ms = replay_due_ms,
		.focus = replay_focus,
		.close = replay_close,
	};
	if (!r) {
		log_error("cannot open %s: out of memory", path);
		return EXIT_FAILED;
	}
	r->paced = paced;
	r->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				  : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	if (r->fd < 0) {
		log_error("cannot open %s: %s; give a file that `epscope record -o` made", path,
			  strerror(errno));
		code = EXIT_RECORDING;
	} else {
		code = header_read(r, path);
	}
	if (code)
		replay_close(src);
	return code;
}
