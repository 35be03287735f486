/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "wl.h"

/* What the kernel keeps when EPOLLONESHOT disables an item (EP_PRIVATE_BITS) */
#define PRIVATE_BITS ((uint32_t)EPOLLONESHOT | (uint32_t)EPOLLET)

struct instance model[MODEL_INSTANCES];

static uint64_t serial;
static FILE *rows;
static char *rows_text;
static size_t rows_len;

void model_log_begin(void)
{
	rows = open_memstream(&rows_text, &rows_len);
	if (!rows)
		die("out of memory");
	model_log("type,epfd,fd,op,mask_bits,data,result,maxevents,timeout_ns,index,put_back,"
		  "left_over,overflowed");
}

void model_log_write(const char *path)
{
	fclose(rows);
	rows = NULL;
	file_write_atomic(path, rows_text);
	free(rows_text);
}

void model_log(const char *fmt, ...)
{
	va_list args;

	if (!rows)
		return;
	va_start(args, fmt);
	vfprintf(rows, fmt, args);
	va_end(args);
	fputc('\n', rows);
}

/* eventfd_poll(); the counter never comes near its end. */
static uint32_t poll_item(const struct item *it)
{
	return (EPOLLOUT | (it->file->count ? EPOLLIN : 0)) & it->events;
}

static void ready_link(struct instance *in, struct item *it)
{
	it->linked = true;
	in->ready[in->nready++] = it;
}

static void item_remove(struct instance *in, struct item *it)
{
	int i, kept = 0;

	for (i = 0; i < in->nready; i++)
		if (in->ready[i] != it)
			in->ready[kept++] = in->ready[i];
	in->nready = kept;
	it->linked = false;
	it->file = NULL;
}

struct item *model_find(struct instance *in, const struct mfile *file, int fd)
{
	for (int i = 0; i < MODEL_ITEMS; i++)
		if (in->items[i].file == file && (!file || in->items[i].fd == fd))
			return &in->items[i];
	return NULL;
}

int64_t model_items(const struct instance *in)
{
	int64_t n = 0;

	for (int i = 0; i < MODEL_ITEMS; i++)
		n += in->items[i].file != NULL;
	return n;
}

int model_position(const struct instance *in, const struct item *it)
{
	for (int i = 0; i < in->nready; i++)
		if (in->ready[i] == it)
			return i + 1;
	return 0;
}

/* ep_poll_callback() */
static void call_back(struct instance *in, struct item *it, uint32_t key)
{
	const char *outcome = "ready";
	enum wl_key counted = WL_CB_READY;

	it->callbacks++;
	wl_add(WL_CALLBACKS, 1);
	if (!(it->events & ~PRIVATE_BITS) || !(key & it->events)) {
		outcome = "ignored";
		counted = WL_CB_IGNORED;
	} else if (it->linked) {
		outcome = "already";
		counted = WL_CB_ALREADY;
	} else {
		ready_link(in, it);
	}
	wl_add(counted, 1);
	model_log("callback,%d,%d,%s,0x%x,0x%" PRIx64 ",,,,,,,", in->epfd, it->fd, outcome, key,
		  it->data);
}

/* add_wait_queue() has put the youngest entry first. */
void model_wake(const struct mfile *file, uint32_t key)
{
	uint64_t before = UINT64_MAX;

	for (;;) {
		struct instance *in = NULL;
		struct item *next = NULL;

		for (int i = 0; i < MODEL_INSTANCES * MODEL_ITEMS; i++) {
			struct item *it = &model[i / MODEL_ITEMS].items[i % MODEL_ITEMS];

			if (it->file != file || it->added >= before ||
			    (next && it->added < next->added))
				continue;
			next = it;
			in = &model[i / MODEL_ITEMS];
		}
		if (!next)
			return;
		call_back(in, next, key);
		before = next->added;
	}
}

/* eventpoll_release_file(): the items go whatever descriptor they were added by. */
int64_t model_release(const struct mfile *file)
{
	int64_t gone = 0;

	for (int i = 0; i < MODEL_INSTANCES * MODEL_ITEMS; i++) {
		struct instance *in = &model[i / MODEL_ITEMS];

		if (in->items[i % MODEL_ITEMS].file != file)
			continue;
		model_log("release,%d,%d,,,,,,,,,,", in->epfd, in->items[i % MODEL_ITEMS].fd);
		item_remove(in, &in->items[i % MODEL_ITEMS]);
		gone++;
	}
	return gone;
}

static int ctl(struct instance *in, int op, struct mfile *file, int fd, uint32_t events,
	       uint64_t data)
{
	struct item *it;

	if (!file)
		return -EBADF;
	it = model_find(in, file, fd);
	if (op == EPOLL_CTL_ADD && it)
		return -EEXIST;
	if (op != EPOLL_CTL_ADD && !it)
		return -ENOENT;
	if (op == EPOLL_CTL_DEL) {
		item_remove(in, it);
		return 0;
	}
	if (op == EPOLL_CTL_ADD) {
		it = model_find(in, NULL, 0);
		*it = (struct item){ .file = file, .fd = fd, .added = ++serial };
	} else {
		it->mods++;
	}
	it->events = events | EPOLLERR | EPOLLHUP;
	it->data = data;
	if (poll_item(it) && !it->linked) /* ep_insert() and ep_modify() end so */
		ready_link(in, it);
	return 0;
}

int model_ctl(struct instance *in, int op, struct mfile *file, int fd, uint32_t events,
	      uint64_t data)
{
	static const char *const ops[] = { [EPOLL_CTL_ADD] = "ADD", [EPOLL_CTL_MOD] = "MOD" };
	int ret = ctl(in, op, file, fd, events, data);

	if (!ret)
		events |= EPOLLERR | EPOLLHUP;
	if (op == EPOLL_CTL_DEL)
		model_log("ctl,%d,%d,DEL,,,%d,,,,,,", in->epfd, fd, ret);
	else
		model_log("ctl,%d,%d,%s,0x%x,0x%" PRIx64 ",%d,,,,,,", in->epfd, fd, ops[op], events,
			  data, ret);
	return ret;
}

/* ep_send_events(): in order until the user's array is full; the rest goes to the front again. */
int model_wait(struct instance *in, int maxevents, struct epoll_event *out)
{
	struct item *taken[MODEL_ITEMS], *got[MODEL_ITEMS];
	int i, n = 0, ntaken = in->nready, left, back;

	memcpy(taken, in->ready, sizeof(*taken) * (size_t)ntaken);
	in->nready = 0;
	for (i = 0; i < ntaken && n < maxevents; i++) {
		struct item *it = taken[i];
		uint32_t revents = poll_item(it);

		it->linked = false;
		if (!revents)
			continue;
		got[n] = it;
		out[n++] = (struct epoll_event){ .events = revents, .data.u64 = it->data };
		it->delivered++;
		if (it->events & EPOLLONESHOT) {
			it->events &= PRIVATE_BITS;
		} else if (!(it->events & EPOLLET)) {
			ready_link(in, it);
		}
	}
	left = ntaken - i;
	back = in->nready;
	memmove(in->ready + left, in->ready, sizeof(*in->ready) * (size_t)in->nready);
	memcpy(in->ready, taken + i, sizeof(*taken) * (size_t)left);
	in->nready += left;
	wl_add(WL_PUT_BACK, (uint64_t)back);
	wl_add(WL_LEFT_OVER, (uint64_t)left);
	model_log("wait,%d,,,,,,%d,0,,,,", in->epfd, maxevents);
	if (ntaken) /* an empty list is not scanned */
		model_log("scan,%d,,,,,,,,,%d,%d,0", in->epfd, back, left);
	model_log("return,%d,,,,,%d,%d,,,,,", in->epfd, n, maxevents);
	for (i = 0; i < n; i++)
		model_log("deliver,%d,%d,,0x%x,0x%" PRIx64 ",,,,%d,,,", in->epfd, got[i]->fd,
			  out[i].events, out[i].data.u64, i);
	return n;
}
