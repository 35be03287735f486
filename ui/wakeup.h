/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals of the dashboard. Handlers only set flags. All signals that matter here are blocked
 * except while wakeup_wait() sleeps, so none can come between the look at a flag and the sleep.
 */
#ifndef EPSCOPE_UI_WAKEUP_H
#define EPSCOPE_UI_WAKEUP_H

#include <stdbool.h>

enum wait_result {
	WAIT_TIMEOUT,
	WAIT_INPUT,  /* bytes wait on the descriptor */
	WAIT_SIGNAL, /* some flag may have changed */
	WAIT_HANGUP, /* the descriptor is dead */
};

/*
 * Blocks SIGINT, SIGTERM, SIGHUP (their handlers stay what they are), SIGWINCH and SIGTSTP, and
 * takes over the last two. To be called before the terminal is started.
 */
void wakeup_start(void);
/* Undoes wakeup_start(). */
void wakeup_stop(void);
/* Sleeps until fd can be read, a signal comes, or timeout_ms (-1: for ever) is over. */
enum wait_result wakeup_wait(int fd, int timeout_ms);
/* True once after each burst of the signal. */
bool wakeup_take_resize(void);
bool wakeup_take_suspend(void);

#endif
