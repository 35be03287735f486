/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_OPTS_H
#define TESTS_OPTS_H

#include <stddef.h>
#include <stdint.h>

/* What an option takes, and the type that its dst points to. */
enum opt_kind {
	OPT_FLAG,    /* nothing;                 bool */
	OPT_NUM,     /* a decimal integer;       int64_t */
	OPT_SECONDS, /* seconds with a fraction; int64_t nanoseconds */
	OPT_CHOICE,  /* one of some words;       int, its index */
	OPT_TEXT,    /* anything but nothing;    const char *, points into argv */
};

/*
 * One long option. The same table parses the command line and prints the help text, so that the
 * two cannot disagree. For OPT_NUM min and max are in the option's unit, for OPT_SECONDS in
 * seconds; both bounds are allowed values. What dst holds before parsing is the default shown.
 */
struct opt {
	const char *name;
	enum opt_kind kind;
	void *dst;
	const char *arg;
	const char *help;
	int64_t min, max;
	const char *const *choices; /* OPT_CHOICE: ends with NULL */
};

/* A program's command line; opts ends with an entry whose name is NULL. */
struct opt_set {
	const char *about;
	const char *examples;
	const struct opt *opts;
};

/*
 * Parse argv into the table's destinations. --help prints the help on stdout and exits with 0; any
 * wrong use prints what is wrong on stderr and exits with 2. Arguments that are no options are
 * wrong use. Call once, before threads exist.
 */
void opts_parse(const struct opt_set *set, int argc, char **argv);

/*
 * Parse a decimal integer, an optional minus sign first, nothing else before or after.
 * Returns 0, -EINVAL when it is no such number, -ERANGE outside min..max.
 */
int num_parse(const char *text, int64_t min, int64_t max, int64_t *out);

/*
 * Parse seconds such as 2 or 0.25 (at most nine decimals) into nanoseconds; min and max in seconds.
 * Returns as num_parse().
 */
int seconds_parse(const char *text, int64_t min, int64_t max, int64_t *ns);

#endif
