/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random calls, each compared with a model of epoll (model.h), which also says what cannot be seen
 * from here: which items an eventfd's write calls back and with what outcome, what a wait puts back
 * or leaves over, the order of the ready list at the end. A return that differs ends the program.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"
#include "wl.h"

#define FDS    16 /* open descriptors of eventfds */
#define EVENTS 6  /* most that a wait takes */

static int64_t seed = 1, calls = 20000;
static const char *items_file, *log_file;

struct descriptor {
	struct mfile *file; /* NULL: closed */
	int fd;
};

static struct descriptor fds[FDS];
static uint64_t random_state, serial;

/* xorshift64*: the same calls for the same seed, everywhere. */
static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static struct descriptor *some_open(void)
{
	for (uint32_t i = 0, at = random_below(FDS); i < FDS; i++)
		if (fds[(at + i) % FDS].file)
			return &fds[(at + i) % FDS];
	return NULL;
}

static struct descriptor *some_closed(void)
{
	for (int i = 0; i < FDS; i++)
		if (!fds[i].file)
			return &fds[i];
	return NULL;
}

static void call_open(void)
{
	struct descriptor *d = some_closed();

	if (!d)
		return;
	d->fd = wl_eventfd();
	d->file = calloc(1, sizeof(*d->file));
	if (!d->file)
		die("out of memory");
	d->file->fds = 1;
}

static void call_dup(void)
{
	struct descriptor *from = some_open(), *d = some_closed();

	if (!from || !d)
		return;
	d->fd = dup(from->fd);
	if (d->fd < 0)
		die_errno("cannot duplicate a descriptor");
	d->file = from->file;
	d->file->fds++;
}

static void call_close(void)
{
	struct descriptor *d = some_open();
	int64_t gone = 0;

	if (!d)
		return;
	if (--d->file->fds == 0) {
		gone = model_release(d->file);
		free(d->file);
	}
	wl_close_registered(d->fd, gone);
	d->file = NULL;
}

static void call_write(void)
{
	struct descriptor *d = some_open();

	if (!d)
		return;
	wl_eventfd_write(d->fd);
	d->file->count++;
	model_wake(d->file, EPOLLIN);
}

static void call_read(void)
{
	struct descriptor *d = some_open();

	if (!d)
		return;
	if (wl_eventfd_read(d->fd) != (d->file->count > 0))
		die("a read differs from the model");
	if (d->file->count)
		model_wake(d->file, EPOLLOUT);
	d->file->count = 0;
}

static uint32_t some_events(void)
{
	static const uint32_t masks[] = { EPOLLIN, EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT, 0 };
	static const uint32_t modes[] = { 0, 0, EPOLLET, EPOLLONESHOT, EPOLLET | EPOLLONESHOT };

	return masks[random_below(ARRAY_SIZE(masks))] | modes[random_below(ARRAY_SIZE(modes))];
}

static void call_ctl(int op)
{
	struct instance *in = &model[random_below(MODEL_INSTANCES)];
	struct descriptor *d = &fds[random_below(FDS)];
	uint32_t events = some_events();
	uint64_t data = ++serial << 20;
	int got, want, fd = d->file ? d->fd : 9999;

	/* Items left behind by closed descriptors fill the model; the kernel has no such end. */
	if (op == EPOLL_CTL_ADD && !model_find(in, NULL, 0))
		return;
	want = model_ctl(in, op, d->file, fd, events, data);
	got = wl_ctl_data(in->epfd, op, fd, events, data);
	if (got != want)
		die("epoll_ctl(%d, %d, %d) is %d, the model's %d", in->epfd, op, fd, got, want);
}

static void call_wait(void)
{
	struct instance *in = &model[random_below(MODEL_INSTANCES)];
	struct epoll_event got[EVENTS], want[EVENTS];
	int maxevents = (int)random_below(EVENTS) + 1;
	int nwant = model_wait(in, maxevents, want);
	int n = wl_wait(in->epfd, got, maxevents, 0);

	if (n != nwant)
		die("epoll_wait(%d) returned %d, the model %d", in->epfd, n, nwant);
	for (int i = 0; i < n; i++)
		if (got[i].events != want[i].events || got[i].data.u64 != want[i].data.u64)
			die("event %d of epoll_wait(%d) differs from the model", i, in->epfd);
}

static void instance_open(struct instance *in)
{
	in->epfd = wl_epoll_open();
	model_log("create,%d,,,0x%x,,%d,,,,,,", in->epfd, EPOLL_CLOEXEC, in->epfd);
}

static void call_renew(void)
{
	struct instance *in = &model[random_below(MODEL_INSTANCES)];

	wl_epoll_close(in->epfd, model_items(in));
	model_log("destroy,%d,,,,,,,,,,,", in->epfd);
	memset(in, 0, sizeof(*in));
	instance_open(in);
}

static void call_one(void)
{
	uint32_t dice = random_below(1000);

	if (dice < 260)
		call_write();
	else if (dice < 380)
		call_read();
	else if (dice < 500)
		call_ctl(EPOLL_CTL_ADD);
	else if (dice < 600)
		call_ctl(EPOLL_CTL_MOD);
	else if (dice < 660)
		call_ctl(EPOLL_CTL_DEL);
	else if (dice < 900)
		call_wait();
	else if (dice < 940)
		call_open();
	else if (dice < 960)
		call_dup();
	else if (dice < 999)
		call_close();
	else
		call_renew();
}

/* A row per item that is left: its position on rdllist, and its own counts. */
static void items_write(void)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		die("out of memory");
	fputs("epfd,fd,mask_bits,data,ready_pos,callbacks,delivered,mods,queues\n", f);
	for (int i = 0; i < MODEL_INSTANCES * MODEL_ITEMS; i++) {
		const struct instance *in = &model[i / MODEL_ITEMS];
		const struct item *it = &in->items[i % MODEL_ITEMS];

		if (it->file)
			fprintf(f,
				"%d,%d,0x%x,0x%" PRIx64 ",%d,%" PRIu64 ",%" PRIu64 ",%" PRIu64
				",1\n", /* an eventfd has one wait queue */
				in->epfd, it->fd, it->events, it->data, model_position(in, it),
				it->callbacks, it->delivered, it->mods);
	}
	fclose(f);
	file_write_atomic(items_file, text);
	free(text);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "seed", OPT_NUM, &seed, "N", "of the random numbers", 1, INT64_MAX },
		{ "calls", OPT_NUM, &calls, "N", "to make", 1, 100000000 },
		{ "items-file", OPT_TEXT, &items_file, "FILE", "the items at the end, as CSV" },
		{ "log-file", OPT_TEXT, &log_file, "FILE", "every event, in order, as CSV" },
		{ .name = NULL },
	};
	static const enum wl_key known[] = { WL_CALLBACKS,  WL_CB_READY,    WL_CB_ALREADY,
					     WL_CB_IGNORED, WL_CB_OVERFLOW, WL_OVERFLOW,
					     WL_PUT_BACK,   WL_LEFT_OVER,   WL_WOKEN,
					     WL_WASTED };
	int epfds[MODEL_INSTANCES];

	wl_init("Random calls, each compared with a model of epoll.",
		"  wl_random --seed 7 --calls 100000\n", opts, argc, argv);
	random_state = (uint64_t)seed;
	wl_setup();
	if (log_file)
		model_log_begin();
	for (int i = 0; i < MODEL_INSTANCES; i++) {
		instance_open(&model[i]);
		epfds[i] = model[i].epfd;
	}
	wl_go(epfds, MODEL_INSTANCES);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		wl_add(known[i], 0);
	for (int64_t i = 0; i < calls; i++)
		call_one();
	if (items_file)
		items_write();
	if (log_file)
		model_log_write(log_file);
	wl_publish();
	for (int i = 0; i < MODEL_INSTANCES; i++)
		wl_epoll_close(model[i].epfd, model_items(&model[i]));
	return 0;
}
