/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>
#include "exit_codes.h"
#include "options_table.h"

static const struct {
	const char *name, *help;
} commands[] = {
	[CMD_TOP] = { "top", "live dashboard (the default); text without a terminal" },
	[CMD_TRACE] = { "trace", "a row per event: waits, callbacks, wakeups, deliveries, ..." },
	[CMD_STAT] = { "stat", "a row per interval and instance, and a summary at the end" },
	[CMD_TREE] = { "tree", "one exact snapshot of each red-black tree" },
	[CMD_RECORD] = { "record", "everything to a file that -r reads later" },
	[CMD_CHECK] = { "check", "what this kernel offers, hook by hook" },
	[CMD_LAB] = { "lab", "experiments that show what epoll does, each with a verdict" },
	[CMD_SCHEMA] = { "schema", "every column, described (Markdown)" },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *command_name(enum command c)
{
	return commands[c].name;
}

int command_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return (int)i;
	return -1;
}

/* What each shows is shown for that command alone, too. */
static const struct {
	enum command command;
	const char *line, *what;
} examples[] = {
	{ CMD_TOP, "sudo epscope -p 1234", "watch a process live" },
	{ CMD_TOP, "sudo epscope -n nginx", "watch every nginx, also new ones" },
	{ CMD_TRACE, "sudo epscope trace -p 1234 -o out.csv", "a row per event, until Ctrl-C" },
	{ CMD_STAT, "sudo epscope stat -p 1234 -d 10s", "a row per second, then a summary" },
	{ CMD_TREE, "sudo epscope tree -p 1234", "the red-black trees, now" },
	{ CMD_RECORD, "sudo epscope record -p 1234 -o run.eps", "record ..." },
	{ CMD_TOP, "epscope -r run.eps", "... and look at it later" },
	{ CMD_TOP, "sudo epscope -- redis-server", "start a program under observation" },
	{ CMD_LAB, "epscope lab --list", "the experiments" },
	{ CMD_LAB, "sudo epscope lab lt-et", "run one, and watch it" },
	{ CMD_CHECK, "sudo epscope check", "which tier this kernel gives, and why" },
	{ CMD_SCHEMA, "epscope schema", "what each column means" },
};

#define NEXAMPLES (sizeof(examples) / sizeof(examples[0]))

/* Of all commands in mask. */
static void print_options(unsigned mask)
{
	const struct option_row *rows;
	char left[64];
	size_t n, i;

	rows = option_rows(&n);
	printf("\nOptions:\n");
	for (i = 0; i < n; i++) {
		if (!(rows[i].commands & mask))
			continue;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", rows[i].key ? '-' : ' ',
			 rows[i].key ? rows[i].key : ' ', rows[i].key ? ", " : "  ", rows[i].name,
			 rows[i].arg ? " " : "", rows[i].arg ? rows[i].arg : "");
		printf("  %-26s %s\n", left, rows[i].help);
	}
	printf("  %-26s %s\n  %-26s %s\n", "-h, --help", "this text", "-V, --version", "version");
}

static void print_examples(unsigned mask)
{
	size_t i;

	printf("\nExamples:\n");
	for (i = 0; i < NEXAMPLES; i++)
		if (mask & FOR(examples[i].command))
			printf("  %-42s %s\n", examples[i].line, examples[i].what);
}

static void print_statuses(void)
{
	printf("\nExit status:\n"
	       "  %3d  success; also after Ctrl-C, SIGTERM, SIGHUP and when the reader of a pipe left\n"
	       "  %3d  failure without a status of its own\n"
	       "  %3d  wrong option or argument\n"
	       "  %3d  privileges missing\n"
	       "  %3d  this kernel lacks what was asked for\n"
	       "  %3d  no such process\n"
	       "  %3d  output not written whole\n"
	       "  %3d  recording damaged or foreign\n"
	       "  %3d  dashboard without a usable terminal\n"
	       "  %3d  an experiment of the lab did not come out as expected\n"
	       "  %3d  COMMAND could not be started\n",
	       EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_PRIVILEGE, EXIT_KERNEL, EXIT_TARGET,
	       EXIT_OUTPUT, EXIT_RECORDING, EXIT_TERMINAL, EXIT_VERDICT, EXIT_COMMAND);
}

#define USAGE_TARGETS "(-p PID[,PID] | -n NAME | -a | -- CMD ARGS...)"

void options_help(void)
{
	size_t i;

	printf("epscope - see what the kernel's epoll does inside a running program\n\n"
	       "Usage: epscope [COMMAND] " USAGE_TARGETS " [OPTIONS]\n"
	       "       epscope [COMMAND] -r FILE [OPTIONS]\n"
	       "       epscope COMMAND --help\n\nCommands:\n");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	print_options(FOR_ALL);
	print_examples(FOR_ALL);
	print_statuses();
}

void options_help_command(enum command c)
{
	const char *name = commands[c].name;
	unsigned mask = FOR(c);

	printf("epscope %s - %s\n\nUsage: epscope %s%s [OPTIONS]\n", name, commands[c].help, name,
	       mask & FOR_LIVE ? " " USAGE_TARGETS
	       : c == CMD_LAB  ? " (--list | EXPERIMENT | --all)"
			       : "");
	if (mask & FOR_ROWS)
		printf("       epscope %s -r FILE [OPTIONS]\n", name);
	print_options(mask);
	print_examples(mask);
	print_statuses();
}
