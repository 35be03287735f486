/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EPSCOPE_SIGNALS_H
#define EPSCOPE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Set by SIGINT, SIGTERM and SIGHUP: end cleanly with every row written. */
extern volatile sig_atomic_t stop_requested;

/*
 * Handlers that only set the flag, without SA_RESTART so that waits end; SIGPIPE is ignored. once: a
 * second signal ends the program even inside a write that blocks; not where a screen is to be restored.
 */
void signals_install(bool once);

#endif
