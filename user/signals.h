/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EPSCOPE_SIGNALS_H
#define EPSCOPE_SIGNALS_H

#include <signal.h>

/* Set by SIGINT, SIGTERM and SIGHUP: end cleanly with every row written. */
extern volatile sig_atomic_t stop_requested;

/* Handlers that only set the flag, without SA_RESTART so that waits end; SIGPIPE is ignored. */
void signals_install(void);

#endif
