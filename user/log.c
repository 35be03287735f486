/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>
#include "log.h"

static enum log_level max_level = LOG_WARN;
static void (*line_sink)(enum log_level level, const char *line);

void log_set_level(enum log_level level)
{
	max_level = level;
}

void log_set_sink(void (*sink)(enum log_level level, const char *line))
{
	line_sink = sink;
}

void log_vmsg(enum log_level level, const char *fmt, va_list ap)
{
	char line[1024];

	if (level > max_level)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = 0; /* one line each */
	if (line_sink)
		line_sink(level, line);
	else
		fprintf(stderr, "epscope: %s%s\n", level == LOG_WARN ? "warning: " : "", line);
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vmsg(level, fmt, ap);
	va_end(ap);
}
