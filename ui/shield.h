/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps what libraries write to stderr off the screen: it is held back while the dashboard runs
 * and comes out when the terminal is back to normal.
 */
#ifndef EPSCOPE_UI_SHIELD_H
#define EPSCOPE_UI_SHIELD_H

/* Holds stderr back if it is a terminal. A failure leaves stderr as it is. */
void shield_start(void);
/* Puts stderr back and writes what was held. Async-signal-safe; does nothing without a start. */
void shield_stop(void);

#endif
