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

static void print_options(void)
{
	const struct option_row *rows;
	char left[64];
	size_t n, i;

	rows = option_rows(&n);
	for (i = 0; i < n; i++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", rows[i].key ? '-' : ' ',
			 rows[i].key ? rows[i].key : ' ', rows[i].key ? ", " : "  ", rows[i].name,
			 rows[i].arg ? " " : "", rows[i].arg ? rows[i].arg : "");
		printf("  %-26s %s\n", left, rows[i].help);
	}
	printf("  %-26s %s\n  %-26s %s\n", "-h, --help", "this text", "-V, --version", "version");
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
	       "  %3d  COMMAND could not be started\n",
	       EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_PRIVILEGE, EXIT_KERNEL, EXIT_TARGET,
	       EXIT_OUTPUT, EXIT_RECORDING, EXIT_TERMINAL, EXIT_COMMAND);
}

void options_help(void)
{
	size_t i;

	printf("epscope - see what the kernel's epoll does inside a running program\n\n"
	       "Usage: epscope [COMMAND] (-p PID[,PID] | -n NAME | -a | -- CMD ARGS...) [OPTIONS]\n"
	       "       epscope [COMMAND] -r FILE [OPTIONS]\n\nCommands:\n");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	printf("\nOptions:\n");
	print_options();
	printf("\nExamples:\n"
	       "  sudo epscope -p 1234                       watch a process live\n"
	       "  sudo epscope -n nginx                      watch every nginx, also new ones\n"
	       "  sudo epscope trace -p 1234 -o out.csv      a row per event, until Ctrl-C\n"
	       "  sudo epscope stat -p 1234 -d 10s           a row per second, then a summary\n"
	       "  sudo epscope tree -p 1234                  the red-black trees, now\n"
	       "  sudo epscope record -p 1234 -o run.eps     record ...\n"
	       "  epscope -r run.eps                         ... and look at it later\n"
	       "  sudo epscope -- redis-server               start a program under observation\n");
	print_statuses();
}
