/* SPDX-License-Identifier: GPL-2.0 */
/* Exit statuses; the man page lists the same (tests/unit compares them). */
#ifndef EPSCOPE_EXIT_CODES_H
#define EPSCOPE_EXIT_CODES_H

enum exit_code {
	EXIT_OK = 0, /* also after SIGINT, SIGTERM, SIGHUP and when the reader closed the pipe */
	EXIT_FAILED = 1,    /* anything without a status of its own */
	EXIT_USAGE = 2,     /* wrong option or argument */
	EXIT_PRIVILEGE = 3, /* not root, or capabilities missing */
	EXIT_KERNEL = 4,    /* kernel too old, no BTF, or no mechanism for what was asked */
	EXIT_TARGET = 5,    /* no such process, or it exited while attaching */
	EXIT_OUTPUT = 6,    /* output or recording not written whole, e.g. disk full */
	EXIT_RECORDING = 7, /* recording cut off, damaged or foreign */
	EXIT_TERMINAL = 8,  /* dashboard without a usable terminal */
	EXIT_VERDICT = 9,   /* an experiment of the lab did not come out as expected */
	EXIT_COMMAND = 127, /* CMD after -- could not be started */
};

#endif
