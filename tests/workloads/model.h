/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of epoll, of the parts that one thread sees with eventfds and waits that do not sleep:
 * what each call does to the items and the ready list, by the kernel's own rules. It counts what
 * no system call tells (callbacks and their outcome, put back, left over) through wl_add().
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define MODEL_INSTANCES 3
#define MODEL_ITEMS     64 /* of one instance; closed descriptors may leave theirs behind */

/* An eventfd: a struct file, which several descriptors may share. */
struct mfile {
	uint64_t count;
	int fds;
};

struct item {
	struct mfile *file; /* NULL: unused */
	int fd;             /* as in EPOLL_CTL_ADD */
	uint32_t events;
	uint64_t data;
	uint64_t added; /* serial: the younger hangs before the older on the file's wait queue */
	uint64_t callbacks, delivered, mods;
	bool linked;
};

struct instance {
	int epfd;
	int nready;
	struct item items[MODEL_ITEMS];
	struct item *ready[MODEL_ITEMS]; /* rdllist */
};

extern struct instance model[MODEL_INSTANCES];

/*
 * A row per event that a trace has to show, in order, as CSV with the names of epscope's columns:
 * begins with the header row, in memory until model_log_write(). Without the first nothing is kept.
 */
void model_log_begin(void);
void model_log_write(const char *path);
/* Adds a row; the calls below add theirs. */
void model_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The item with that key, or with NULL one that is unused; NULL if there is none. */
struct item *model_find(struct instance *in, const struct mfile *file, int fd);
int64_t model_items(const struct instance *in);
/* Position of an item on rdllist from 1, 0: not on it. */
int model_position(const struct instance *in, const struct item *it);

/* A write (key EPOLLIN) to or a read (EPOLLOUT) from an eventfd wakes its wait queue. */
void model_wake(const struct mfile *file, uint32_t key);
/* The last descriptor of a file is closed; returns how many items go with it. */
int64_t model_release(const struct mfile *file);
/* epoll_ctl; file NULL: fd is not open. Returns 0 or -errno. There must be an unused item for EPOLL_CTL_ADD. */
int model_ctl(struct instance *in, int op, struct mfile *file, int fd, uint32_t events,
	      uint64_t data);
/* epoll_wait with timeout 0; returns how many events it wrote to out. */
int model_wait(struct instance *in, int maxevents, struct epoll_event *out);

#endif
