/* SPDX-License-Identifier: GPL-2.0 */
/* What a program of the lab says of its run: lines KEY=VALUE of tests/server/lab.h. */
#ifndef EPSCOPE_LAB_TRUTH_H
#define EPSCOPE_LAB_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include "contract.h"

struct lab_instance {
	char name[32];
	u32 tgid;
	s32 epfd;
	u32 nth; /* among those of that process with that descriptor, from 0 on */
};

struct lab_phase {
	char name[32];
	u64 begin_ns; /* CLOCK_MONOTONIC; it ends where the next one begins */
};

struct lab_number {
	char key[48];
	s64 value;
};

struct lab_truth {
	struct lab_instance *instances;
	struct lab_phase *phases;
	struct lab_number *numbers;
	char **says; /* lines for people */
	size_t ninstances, nphases, nnumbers, nsays;
};

/* Reads the file into *t. Returns 0, or a negative errno: -EINVAL for a line of another form. */
int lab_truth_read(struct lab_truth *t, const char *path);
/* One line, without its end. The same results; -EINVAL changes nothing. */
int lab_truth_line(struct lab_truth *t, const char *line);
void lab_truth_free(struct lab_truth *t);

#endif
