/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>
#include "clock.h"
#include "message.h"

static struct message ring[MESSAGES_KEPT];
static int used, head;

static void message_add(enum log_level level, bool local, const char *text)
{
	struct message *msg = &ring[head];

	msg->ts = clock_mono_ns();
	msg->wall = clock_ns(CLOCK_REALTIME);
	msg->level = level;
	msg->local = local;
	snprintf(msg->text, sizeof(msg->text), "%s", text);
	head = (head + 1) % MESSAGES_KEPT;
	if (used < MESSAGES_KEPT)
		used++;
}

static void message_sink(enum log_level level, const char *line)
{
	message_add(level, false, line);
}

void messages_start(void)
{
	used = head = 0;
	log_set_sink(message_sink);
}

void messages_stop(void)
{
	log_set_sink(NULL);
	for (int i = 0; i < used; i++) {
		const struct message *msg = message_at(i);

		if (!msg->local && msg->level <= LOG_WARN)
			log_msg(msg->level, "%s", msg->text);
	}
	used = head = 0;
}

void message_say(enum log_level level, const char *fmt, ...)
{
	char text[MESSAGE_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	message_add(level, true, text);
}

int messages_count(void)
{
	return used;
}

const struct message *message_at(int i)
{
	return &ring[(head - used + i + MESSAGES_KEPT) % MESSAGES_KEPT];
}

const struct message *message_fresh(u64 now_ns)
{
	for (int i = used - 1; i >= 0 && now_ns - message_at(i)->ts < MESSAGE_NS; i--)
		if (message_at(i)->level < LOG_DEBUG)
			return message_at(i);
	return NULL;
}
