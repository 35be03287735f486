/* SPDX-License-Identifier: GPL-2.0 */
/* The option table that parsing, --help and the check of the man page share. */
#ifndef EPSCOPE_OPTIONS_TABLE_H
#define EPSCOPE_OPTIONS_TABLE_H

#include "options.h"

#define FOR(c)   (1u << (c))
#define FOR_LIVE (FOR(CMD_TOP) | FOR(CMD_TRACE) | FOR(CMD_STAT) | FOR(CMD_TREE) | FOR(CMD_RECORD))
#define FOR_ROWS (FOR(CMD_TOP) | FOR(CMD_TRACE) | FOR(CMD_STAT) | FOR(CMD_TREE))
#define FOR_ALL  ~0u

struct option_row {
	const char *name;  /* long name */
	char key;          /* short name, 0: none */
	const char *arg;   /* name of its argument, NULL: none */
	unsigned commands; /* bit per enum command */
	const char *help;
	/* Takes the argument; 0, or -1 after one line of error. */
	int (*set)(struct options *o, const char *arg);
};

/* Sets *count. */
const struct option_row *option_rows(size_t *count);
const char *command_name(enum command c);
/* -1 if there is none of that name. */
int command_by_name(const char *name);
/* Writes to stdout: the help text of all commands, and of one with the options that go with it. */
void options_help(void);
void options_help_command(enum command c);

#endif
