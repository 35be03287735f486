/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What log.h says while the dashboard owns the screen: kept for the log pane, the last one shown
 * in a line of its own for a while, errors and warnings repeated on stderr afterwards.
 */
#ifndef EPSCOPE_UI_MESSAGE_H
#define EPSCOPE_UI_MESSAGE_H

#include "contract.h"
#include "log.h"

#define MESSAGES_KEPT 200
#define MESSAGE_LEN   240
#define MESSAGE_NS    5000000000ULL /* how long the last one is shown */

struct message {
	u64 ts;   /* CLOCK_MONOTONIC */
	u64 wall; /* CLOCK_REALTIME */
	enum log_level level;
	bool local; /* an answer to a key, of no interest afterwards */
	char text[MESSAGE_LEN];
};

/* Takes the log over. */
void messages_start(void);
/* Gives the log back and writes the errors and warnings that came meanwhile to stderr. */
void messages_stop(void);
/* Answer to a key: as a message of the log, but not repeated afterwards. */
void message_say(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Messages there are; i counts from the oldest, 0 <= i < messages_count(). */
int messages_count(void);
const struct message *message_at(int i);
/* The last message above LOG_DEBUG if it is not older than MESSAGE_NS at that time, else NULL. */
const struct message *message_fresh(u64 now_ns);

#endif
