/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: one option table parses, prints --help and is compared with the man page. */
#ifndef EPSCOPE_OPTIONS_H
#define EPSCOPE_OPTIONS_H

#include <sys/types.h>
#include "view.h"
#include "contract.h"

enum command {
	CMD_TOP,
	CMD_TRACE,
	CMD_STAT,
	CMD_TREE,
	CMD_RECORD,
	CMD_CHECK,
	CMD_LAB,
	CMD_SCHEMA, /* prints the schema document from the column tables */
};

#define MAX_PIDS 64
/* Forced mechanisms: name as in the plan ("fentry", "kprobe", "tracepoint", "none"), NULL: free. */
struct options {
	enum command command;
	pid_t pids[MAX_PIDS]; /* -p 1,2,3 or several -p */
	int npids;
	const char *name;       /* -n NAME: comm, exact */
	bool all;               /* -a */
	bool follow;            /* -f: children of targets too */
	char **argv;            /* after --: command to start, NULL: none */
	const char *output;     /* -o FILE */
	const char *replay;     /* -r FILE */
	const char *ready_file; /* --ready-file: made once everything is attached */
	const char *columns;    /* --columns a,b,c */
	const char *sort;       /* --sort COLUMN */
	const char *events;     /* trace --events wait,return,...; NULL: all */
	u32 event_mask;         /* from events: bit per enum ev_type */
	enum format format;     /* --format */
	bool format_set;
	bool items;                    /* --items */
	u32 interval_ms;               /* -i, default 100 for top, 1000 for stat; 10..3600000 */
	bool interval_set;             /* -i was given */
	u64 count;                     /* -c: number of samples, 0: endless */
	u64 duration_ns;               /* -d 10s, 500ms; 0: endless */
	u32 ring_kb;                   /* --ring-size, default 4096; power of two */
	u32 max_items;                 /* --max-items, default 65536 */
	u32 max_instances;             /* --max-instances, default 4096 */
	u32 max_threads;               /* --max-threads, default 16384 */
	u32 max_wakers;                /* --max-wakers, default 8192 */
	u32 max_targets;               /* --max-targets, default 16384 */
	const char *force[HOOK_COUNT]; /* --mech HOOK=MECHANISM, "all=tracepoint"; --tier basic */
	const char *force_all; /* --mech all=MECHANISM: for every hook that has it, else NULL */
	bool basic;            /* --tier basic: tracepoints and iterators alone */
	bool no_color;         /* --no-color or NO_COLOR */
	bool verbose;
	const char *experiment; /* lab NAME; NULL: the list, or all of them (all) */
	bool list;              /* lab: the list, which is also what comes without anything */
	bool broken;            /* lab: the deliberately wrong variant */
};

/*
 * Parses argv. Returns -1 to go on, or an exit status (enum exit_code): 0 after --help or
 * --version, EXIT_USAGE after one line on stderr. Pointers in *o point into argv.
 */
int options_parse(struct options *o, int argc, char **argv);

#endif
