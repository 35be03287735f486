/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "log.h"
#include "view_out.h"

#define WRITE_SIZE (64 * 1024)

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
				  "25262728293031323334353637383940414243444546474849"
				  "50515253545556575859606162636465666768697071727374"
				  "75767778798081828384858687888990919293949596979899";

void out_init(struct out *o, FILE *file)
{
	*o = (struct out){ .file = file };
}

void out_free(struct out *o)
{
	free(o->buf);
	o->buf = NULL;
}

static bool out_grow(struct out *o, size_t n)
{
	size_t cap = o->cap ? o->cap : 2 * WRITE_SIZE;
	char *more;

	while (cap - o->len < n)
		cap *= 2;
	more = realloc(o->buf, cap);
	if (!more) {
		o->err = o->err ? o->err : -ENOMEM;
		return false;
	}
	o->buf = more;
	o->cap = cap;
	return true;
}

/* Room for n more bytes; false when out of memory. Asked for each field of each row. */
static inline bool out_reserve(struct out *o, size_t n)
{
	return __builtin_expect(n <= o->cap - o->len, true) || out_grow(o, n);
}

void out_char(struct out *o, char c)
{
	if (out_reserve(o, 1))
		o->buf[o->len++] = c;
}

void out_bytes(struct out *o, const char *s, size_t len)
{
	if (!out_reserve(o, len))
		return;
	memcpy(o->buf + o->len, s, len);
	o->len += len;
}

void out_text(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

void out_printf(struct out *o, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0)
		out_bytes(o, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void out_uint(struct out *o, u64 u)
{
	char digits[20];
	size_t at = sizeof(digits);

	while (u >= 100) { /* a division is the dearest part */
		at -= 2;
		memcpy(digits + at, &digit_pairs[u % 100 * 2], 2);
		u /= 100;
	}
	if (u >= 10) {
		at -= 2;
		memcpy(digits + at, &digit_pairs[u * 2], 2);
	} else {
		digits[--at] = (char)('0' + u);
	}
	out_bytes(o, digits + at, sizeof(digits) - at);
}

void out_int(struct out *o, s64 i)
{
	if (i < 0)
		out_char(o, '-');
	out_uint(o, i < 0 ? -(u64)i : (u64)i);
}

void out_hex(struct out *o, u64 u)
{
	char digits[18];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[u & 15];
		u >>= 4;
	} while (u);
	digits[--at] = 'x';
	digits[--at] = '0';
	out_bytes(o, digits + at, sizeof(digits) - at);
}

void out_pad(struct out *o, size_t start, size_t width)
{
	while (o->len < start + width && !o->err)
		out_char(o, ' ');
}

/* A pipe that was made non-blocking by somebody else must not cost rows. */
static void write_wait(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	poll(&p, 1, 1000);
}

/* A disk that became full in the middle of a row: the file ends with the last whole one. */
static void drop_half_row(int fd, const char *buf, size_t written)
{
	const char *end = written ? memrchr(buf, '\n', written) : NULL;
	size_t half = end ? (size_t)(buf + written - end) - 1 : written;
	off_t size = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (!half || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size != size)
		return;
	if (ftruncate(fd, size - (off_t)half))
		log_debug("the last row stays half written: %s", strerror(errno));
}

static int write_all(int fd, const char *buf, size_t len)
{
	const char *begin = buf;
	ssize_t n;
	int err;

	while (len) {
		n = write(fd, buf, len);
		if (n >= 0) {
			buf += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			write_wait(fd);
		} else if (errno != EINTR) {
			err = -errno;
			drop_half_row(fd, begin, (size_t)(buf - begin));
			return err;
		}
	}
	return 0;
}

int out_flush(struct out *o)
{
	int fd = fileno(o->file);
	int err = 0;

	if (fflush(o->file))
		err = -errno;
	else if (fd >= 0) /* past stdio, which cannot tell how much it wrote */
		err = write_all(fd, o->buf, o->len);
	else if (o->len && (fwrite(o->buf, 1, o->len, o->file) != o->len || fflush(o->file)))
		err = errno ? -errno : -EIO;
	o->len = 0;
	if (!o->err)
		o->err = err;
	return o->err;
}

int out_row(struct out *o)
{
	if (o->err || o->len < WRITE_SIZE)
		return o->err;
	return out_flush(o);
}
