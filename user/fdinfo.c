/* SPDX-License-Identifier: GPL-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "fdinfo.h"

/* strtoull() alone would take signs, a 0x prefix, and the next line's number for a missing one. */
static bool number(const char **p, int base, u64 *out)
{
	const char *s = *p;
	char *end;

	s += strspn(s, " \t");
	if (base == 16 ? !isxdigit((unsigned char)*s) : !isdigit((unsigned char)*s))
		return false;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return false;
	errno = 0;
	*out = strtoull(s, &end, base);
	if (errno || (*end && !isspace((unsigned char)*end)))
		return false;
	*p = end;
	return true;
}

static bool number_signed(const char **p, s64 *out)
{
	const char *s = *p + strspn(*p, " \t");
	bool minus = *s == '-';
	u64 abs;

	s += minus;
	if (!isdigit((unsigned char)*s) || !number(&s, 10, &abs) || abs > INT64_MAX)
		return false;
	*out = minus ? -(s64)abs : (s64)abs;
	*p = s;
	return true;
}

static bool label(const char **p, const char *name)
{
	const char *s = *p + strspn(*p, " \t");
	size_t len = strlen(name);

	if (strncmp(s, name, len) || s[len] != ':')
		return false;
	*p = s + len + 1;
	return true;
}

/* ep_show_fdinfo(): "tfd: %8d events: %8x data: %16llx  pos:%lli ino:%lx sdev:%x" */
static bool item_parse(const char *line, struct fdinfo_item *it)
{
	u64 events, sdev;
	s64 tfd;

	if (!label(&line, "tfd") || !number_signed(&line, &tfd) || tfd < 0 || tfd > INT32_MAX)
		return false;
	if (!label(&line, "events") || !number(&line, 16, &events) || events > UINT32_MAX)
		return false;
	if (!label(&line, "data") || !number(&line, 16, &it->data))
		return false;
	if (!label(&line, "pos") || !number_signed(&line, &it->pos))
		return false;
	if (!label(&line, "ino") || !number(&line, 16, &it->ino))
		return false;
	if (!label(&line, "sdev") || !number(&line, 16, &sdev) || sdev > UINT32_MAX)
		return false;
	it->tfd = (s32)tfd;
	it->events = (u32)events;
	it->sdev = (u32)sdev;
	return true;
}

static const char *line_next(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

size_t fdinfo_items(const char *text, struct fdinfo_item *items, size_t max)
{
	struct fdinfo_item it;
	size_t n = 0;

	for (; *text; text = line_next(text)) {
		if (!item_parse(text, &it))
			continue;
		if (n < max)
			items[n] = it;
		n++;
	}
	return n;
}

bool fdinfo_value(const char *text, const char *name, int base, u64 *out)
{
	const char *p;
	u64 val;

	for (; *text; text = line_next(text)) {
		p = text;
		if (!label(&p, name) || !number(&p, base, &val))
			continue;
		*out = val;
		return true;
	}
	return false;
}
