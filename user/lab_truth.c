/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lab_truth.h"

/* Room for one more element behind n; arrays grow by doubling. */
static void *room(void *array, size_t n, size_t size)
{
	if (n & (n - 1) && n)
		return array;
	return realloc(array, (n ? n * 2 : 1) * size);
}

static int add_instance(struct lab_truth *t, const char *line)
{
	struct lab_instance one = { 0 }, *more;

	if (sscanf(line, "instance=%31s pid=%u epfd=%d nth=%u", one.name, &one.tgid, &one.epfd,
		   &one.nth) != 4)
		return -EINVAL;
	more = room(t->instances, t->ninstances, sizeof(one));
	if (!more)
		return -ENOMEM;
	t->instances = more;
	more[t->ninstances++] = one;
	return 0;
}

static int add_phase(struct lab_truth *t, const char *line)
{
	struct lab_phase one = { 0 }, *more;
	unsigned long long at;

	if (sscanf(line, "phase=%31s at=%llu", one.name, &at) != 2)
		return -EINVAL;
	one.begin_ns = at;
	more = room(t->phases, t->nphases, sizeof(one));
	if (!more)
		return -ENOMEM;
	t->phases = more;
	more[t->nphases++] = one;
	return 0;
}

static int add_number(struct lab_truth *t, const char *line)
{
	struct lab_number one = { 0 }, *more;
	long long value;
	int end = 0;

	if (sscanf(line, "%47[a-z0-9_]=%lld%n", one.key, &value, &end) != 2 || line[end])
		return -EINVAL;
	one.value = value;
	more = room(t->numbers, t->nnumbers, sizeof(one));
	if (!more)
		return -ENOMEM;
	t->numbers = more;
	more[t->nnumbers++] = one;
	return 0;
}

static int add_say(struct lab_truth *t, const char *text)
{
	char *copy = strdup(text), **more;

	more = copy ? room(t->says, t->nsays, sizeof(*more)) : NULL;
	if (!more) {
		free(copy);
		return -ENOMEM;
	}
	t->says = more;
	more[t->nsays++] = copy;
	return 0;
}

int lab_truth_line(struct lab_truth *t, const char *line)
{
	if (!strncmp(line, "instance=", 9))
		return add_instance(t, line);
	if (!strncmp(line, "phase=", 6))
		return add_phase(t, line);
	if (!strncmp(line, "say=", 4))
		return add_say(t, line + 4);
	return add_number(t, line);
}

int lab_truth_read(struct lab_truth *t, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int ret = 0;

	if (!f)
		return -errno;
	while (!ret && (len = getline(&line, &size, f)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = 0;
		ret = lab_truth_line(t, line);
	}
	free(line);
	fclose(f);
	return ret;
}

void lab_truth_free(struct lab_truth *t)
{
	for (size_t i = 0; i < t->nsays; i++)
		free(t->says[i]);
	free(t->says);
	free(t->instances);
	free(t->phases);
	free(t->numbers);
	memset(t, 0, sizeof(*t));
}
