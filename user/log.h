/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages to people. One line each: what failed, on what, why, and what to do. By default to
 * stderr as "epscope: ..."; a dashboard redirects them while it owns the screen.
 */
#ifndef EPSCOPE_LOG_H
#define EPSCOPE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG
};

/* Messages above this level are dropped; LOG_WARN at the start. -v: LOG_DEBUG. */
void log_set_level(enum log_level level);
/* sink gets whole lines without newline; NULL: back to stderr. */
void log_set_sink(void (*sink)(enum log_level level, const char *line));
void log_msg(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_vmsg(enum log_level level, const char *fmt, va_list ap);

#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_msg(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
