/* SPDX-License-Identifier: GPL-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exit_codes.h"
#include "log.h"
#include "options_table.h"
#include "output.h"
#include "version.h"

#define OPTIONS_MAX 40

/* Values from getopt: letters, and above them the long spelling of each row. */
enum {
	KEY_HELP = 'h',
	KEY_VERSION = 'V',
	KEY_LONG_HELP = 256,
	KEY_LONG_VERSION,
	KEY_LONG, /* + index of the row */
};

struct parser {
	struct option longs[OPTIONS_MAX];
	char shorts[OPTIONS_MAX * 2 + 8];
};

static void parser_init(struct parser *p)
{
	const struct option_row *rows;
	size_t n, i, s;

	rows = option_rows(&n);
	memset(p, 0, sizeof(*p));
	s = (size_t)sprintf(p->shorts, "+:hV"); /* "+": options end at CMD; ":": own messages */
	for (i = 0; i < n; i++) {
		p->longs[i].name = rows[i].name;
		p->longs[i].has_arg = rows[i].arg ? required_argument : no_argument;
		p->longs[i].val = KEY_LONG + (int)i;
		if (rows[i].key)
			p->shorts[s++] = rows[i].key;
		if (rows[i].key && rows[i].arg)
			p->shorts[s++] = ':';
	}
	p->longs[n++] = (struct option){ "help", no_argument, NULL, KEY_LONG_HELP };
	p->longs[n] = (struct option){ "version", no_argument, NULL, KEY_LONG_VERSION };
}

static const struct option_row *row_of(int key)
{
	const struct option_row *rows;
	size_t n, i;

	rows = option_rows(&n);
	if (key >= KEY_LONG)
		return &rows[key - KEY_LONG];
	for (i = 0; i < n; i++)
		if (rows[i].key == key)
			return &rows[i];
	return NULL;
}

/* What getopt refused, in the user's words. A letter's word may hold others too (-axv). */
static int usage_error(int key, const char *word)
{
	const struct option_row *row = row_of(optopt);
	char letter[] = { '-', (char)optopt, 0 };
	bool is_long = !optopt || optopt >= KEY_LONG_HELP;

	if (key == ':')
		log_error("%s needs an argument: %s; see epscope --help", is_long ? word : letter,
			  row->arg);
	else if (optopt && is_long)
		log_error("%s: this option takes no argument; leave it out", word);
	else
		log_error("unknown option %s; see epscope --help", is_long ? word : letter);
	return EXIT_USAGE;
}

static int take_option(struct options *o, int key)
{
	const struct option_row *row = row_of(key);

	if (!(row->commands & FOR(o->command))) {
		log_error("--%s does not go with '%s'; see epscope --help", row->name,
			  command_name(o->command));
		return EXIT_USAGE;
	}
	return row->set(o, optarg) ? EXIT_USAGE : -1;
}

static int check_targets(const struct options *o)
{
	int ways = (o->npids > 0) + (o->name != NULL) + o->all + (o->argv != NULL);
	bool live = FOR(o->command) & FOR_LIVE;

	if (o->command == CMD_LAB)
		return -1; /* --all is every experiment */
	if (!live || o->replay) {
		if (!ways)
			return -1;
		log_error("%s takes no -p, -n, -a or command; leave them out",
			  o->replay ? "-r" : command_name(o->command));
		return EXIT_USAGE;
	}
	if (ways == 1)
		return -1;
	if (!ways)
		log_error(
			"nothing to watch: give -p PID, -n NAME, -a, or -- COMMAND; see epscope --help");
	else
		log_error("-p, -n, -a and -- COMMAND exclude one another; give one of them");
	return EXIT_USAGE;
}

/* Rows for programs where rows are what comes out; a tree on the screen is for people. */
static enum format format_default(const struct options *o)
{
	if (o->command == CMD_TRACE || o->command == CMD_STAT)
		return FORMAT_CSV;
	return o->command == CMD_TREE && o->output ? FORMAT_CSV : FORMAT_TEXT;
}

static int finish(struct options *o)
{
	int ret = check_targets(o);

	if (ret >= 0)
		return ret;
	if (o->command == CMD_RECORD && !o->output) {
		log_error("record needs -o FILE: where the recording goes");
		return EXIT_USAGE;
	}
	if (!o->interval_ms)
		o->interval_ms = o->command == CMD_TOP ? 100 : 1000;
	else
		o->interval_set = true;
	if (!o->format_set)
		o->format = format_default(o);
	if (o->argv)
		o->follow = true;
	if (getenv("NO_COLOR") && *getenv("NO_COLOR"))
		o->no_color = true;
	return -1;
}

static void defaults(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->ring_kb = 4096;
	o->max_items = 65536;
	o->max_instances = 4096;
	o->max_threads = 16384;
	o->max_wakers = 8192;
	o->max_targets = 16384;
}

/* lab: one name before or behind the options, or --all; neither is the list. */
static int take_experiment(struct options *o, int argc, char **argv)
{
	if (optind < argc && !o->experiment)
		o->experiment = argv[optind++];
	if (optind < argc || (o->experiment != NULL) + o->all + o->list > 1) {
		log_error("lab takes one experiment, --all or --list; see epscope lab --list");
		return EXIT_USAGE;
	}
	if (o->broken && !o->experiment && !o->all) {
		log_error("lab --broken: of which experiment? give its name, or --all");
		return EXIT_USAGE;
	}
	if (o->format_set && o->format == FORMAT_CSV) {
		log_error("lab --format csv: it writes text or json; choose one of these");
		return EXIT_USAGE;
	}
	return finish(o);
}

/* What is left behind the options: a command after "--", nothing else. */
static int take_rest(struct options *o, int argc, char **argv)
{
	if (o->command == CMD_LAB)
		return take_experiment(o, argc, argv);
	if (optind < argc && strcmp(argv[optind - 1], "--")) {
		log_error(
			"'%s' is not expected here; a command to start goes after --, a process id "
			"after -p",
			argv[optind]);
		return EXIT_USAGE;
	}
	if (optind < argc)
		o->argv = argv + optind;
	return finish(o);
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct parser p;
	int key, ret, command = -1;

	defaults(o);
	if (argc > 1 && argv[1][0] != '-') {
		command = command_by_name(argv[1]);
		if (command < 0) {
			log_error("no command '%s'; see epscope --help", argv[1]);
			return EXIT_USAGE;
		}
		o->command = (enum command)command;
		argv++;
		argc--;
	}
	if (o->command == CMD_LAB && argc > 1 && argv[1][0] != '-') {
		o->experiment = argv[1];
		argv++;
		argc--;
	}
	parser_init(&p);
	optind = 0; /* getopt may run several times in one process */
	while ((key = getopt_long(argc, argv, p.shorts, p.longs, NULL)) != -1) {
		switch (key) {
		case KEY_HELP:
		case KEY_LONG_HELP:
			if (command < 0)
				options_help();
			else
				options_help_command(o->command);
			return (int)output_told();
		case KEY_VERSION:
		case KEY_LONG_VERSION:
			printf("epscope %s\n", EPSCOPE_VERSION);
			return (int)output_told();
		case ':':
		case '?':
			return usage_error(key, argv[optind - 1]);
		}
		ret = take_option(o, key);
		if (ret >= 0)
			return ret;
	}
	return take_rest(o, argc, argv);
}
