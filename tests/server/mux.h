/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An echo service that does not know how it waits, the three ways to wait, and a plot of what they
 * cost. Shared by the files of lab_multiplex.
 */
#ifndef TESTS_MUX_H
#define TESTS_MUX_H

#include <stddef.h>
#include <stdint.h>

#define MUX_MESSAGE 64
#define MUX_READY   16 /* descriptors that one wait tells at most */
#define MUX_WAYS    3

struct mux {
	const char *name;
	/* name: of the case. Dies on failure. */
	void *(*open)(const char *name);
	/* Waits for data on fd from now on. Returns 0, or -EINVAL if it cannot take this descriptor. */
	int (*add)(void *m, int fd);
	/* Sleeps until there is data; the descriptors go to ready. Returns their number. */
	int (*wait)(void *m, int ready[MUX_READY]);
	void (*close)(void *m);
};

extern const struct mux mux_select, mux_poll, mux_epoll;

/* One turn of the server: wait, and send back what has come. Returns the messages echoed. */
int64_t echo_turn(const struct mux *mux, void *m);

/* A line of the plot. x: idle connections, y: nanoseconds. */
struct plot_line {
	const char *name;
	const char *color;
	const char *end; /* a few words at its last point */
	int count;
	struct {
		double x, y;
	} points[8];
};

/* Writes an SVG, both axes logarithmic. Dies on failure. */
void plot_write(const char *path, const struct plot_line *lines, size_t count);

#endif
