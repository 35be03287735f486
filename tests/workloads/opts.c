/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"
#include "util.h"

#define OPTS_MAX 48

int num_parse(const char *text, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *text == '-';
	int64_t value = 0;

	text += negative;
	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *text - '0', &value))
			return -ERANGE;
	}
	if (negative)
		value = -value;
	if (value < min || value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

int seconds_parse(const char *text, int64_t min, int64_t max, int64_t *ns)
{
	const char *dot = strchr(text, '.');
	char whole[24], fraction[] = "000000000";
	size_t head = dot ? (size_t)(dot - text) : strlen(text);
	size_t tail = dot ? strlen(dot + 1) : 0;
	int64_t seconds, rest;
	int err;

	if (head >= sizeof(whole) || tail >= sizeof(fraction) || (dot && !tail) || *text == '-')
		return -EINVAL;
	memcpy(whole, text, head);
	whole[head] = '\0';
	memcpy(fraction, dot ? dot + 1 : "", tail);
	err = num_parse(whole, 0, INT64_MAX / NS_PER_S - 1, &seconds);
	if (err)
		return err;
	if (num_parse(fraction, 0, NS_PER_S - 1, &rest) || fraction[0] == '-')
		return -EINVAL;
	rest += seconds * NS_PER_S;
	if (rest < min * NS_PER_S || rest > max * NS_PER_S)
		return -ERANGE;
	*ns = rest;
	return 0;
}

static void help_print_default(const struct opt *o)
{
	switch (o->kind) {
	case OPT_NUM:
		printf(" (default %" PRId64 ")", *(int64_t *)o->dst);
		break;
	case OPT_SECONDS:
		printf(" (default %g)", (double)*(int64_t *)o->dst / NS_PER_S);
		break;
	case OPT_CHOICE:
		printf(" (default %s)", o->choices[*(int *)o->dst]);
		break;
	case OPT_TEXT:
		if (*(const char **)o->dst)
			printf(" (default %s)", *(const char **)o->dst);
		break;
	case OPT_FLAG:
		break;
	}
}

static _Noreturn void help_print(const struct opt_set *set)
{
	printf("Usage: %s [OPTION]...\n%s\n\nOptions:\n", program_invocation_short_name,
	       set->about);
	for (const struct opt *o = set->opts; o->name; o++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->arg ? " " : "",
			 o->arg ? o->arg : "");
		printf("  %-24s %s", left, o->help);
		help_print_default(o);
		putchar('\n');
	}
	printf("  %-24s %s\n\nExamples:\n%s", "--help", "show this text", set->examples);
	exit(fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void choice_set(const struct opt *o, const char *text)
{
	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(o->choices[i], text)) {
			*(int *)o->dst = i;
			return;
		}
	}
	fprintf(stderr, "%s: --%s %s: must be one of", program_invocation_short_name, o->name,
		text);
	for (int i = 0; o->choices[i]; i++)
		fprintf(stderr, " %s", o->choices[i]);
	fputs("; see --help\n", stderr);
	exit(EXIT_USAGE);
}

static void value_set(const struct opt *o, const char *text)
{
	int err = 0;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->dst = true;
		break;
	case OPT_NUM:
		err = num_parse(text, o->min, o->max, o->dst);
		break;
	case OPT_SECONDS:
		err = seconds_parse(text, o->min, o->max, o->dst);
		break;
	case OPT_CHOICE:
		choice_set(o, text);
		break;
	case OPT_TEXT:
		if (!*text)
			die_usage("--%s: must not be empty", o->name);
		*(const char **)o->dst = text;
		break;
	}
	if (err == -ERANGE)
		die_usage("--%s %s: must be %" PRId64 " to %" PRId64, o->name, text, o->min,
			  o->max);
	if (err)
		die_usage("--%s %s: not a number%s", o->name, text,
			  o->kind == OPT_SECONDS ? " of seconds (such as 2 or 0.25)" : "");
}

void opts_parse(const struct opt_set *set, int argc, char **argv)
{
	struct option longopts[OPTS_MAX + 2] = { { .name = NULL } };
	int count = 0, c;

	for (; set->opts[count].name; count++) {
		if (count == OPTS_MAX)
			die("the option table has more than %d entries; raise OPTS_MAX", OPTS_MAX);
		longopts[count].name = set->opts[count].name;
		longopts[count].has_arg =
			set->opts[count].kind == OPT_FLAG ? no_argument : required_argument;
		longopts[count].val = count + 1;
	}
	longopts[count].name = "help";
	longopts[count].val = count + 1;
	/* Help first: the defaults it shows are the destinations before any option changed them. */
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--help"))
			help_print(set);
	}
	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (c == '?')
			die_usage("unknown or incomplete option");
		if (c == count + 1) /* an abbreviation such as --hel */
			help_print(set);
		value_set(&set->opts[c - 1], optarg);
	}
	if (optind < argc)
		die_usage("unexpected argument '%s'", argv[optind]);
}
