/* SPDX-License-Identifier: GPL-2.0 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include "parse_num.h"

struct unit {
	const char *name;
	u64 factor;
};

/* Digits from *text on, which moves behind them. */
static int digits(const char **text, u64 *out)
{
	const char *p = *text;
	u64 v = 0, d;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++) {
		d = (u64)(*p - '0');
		if (v > (ULLONG_MAX - d) / 10)
			return -ERANGE;
		v = v * 10 + d;
	}
	*text = p;
	*out = v;
	return 0;
}

int parse_u64(const char *text, u64 min, u64 max, u64 *out)
{
	u64 v;
	int ret = digits(&text, &v);

	if (ret)
		return ret;
	if (*text)
		return -EINVAL;
	if (v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

static int with_unit(const char *text, const struct unit *units, u64 max, u64 *out)
{
	u64 v;
	int ret = digits(&text, &v);

	if (ret)
		return ret;
	for (; units->name; units++)
		if (!strcmp(text, units->name))
			break;
	if (!units->name)
		return -EINVAL;
	if (v > max / units->factor)
		return -ERANGE;
	*out = v * units->factor;
	return 0;
}

int parse_duration(const char *text, u64 max, u64 *out)
{
	static const struct unit units[] = {
		{ "", 1000000000 },
		{ "s", 1000000000 },
		{ "ms", 1000000 },
		{ "us", 1000 },
		{ "ns", 1 },
		{ "m", 60000000000ULL },
		{ "h", 3600000000000ULL },
		{ NULL, 0 },
	};

	return with_unit(text, units, max, out);
}

int parse_size(const char *text, u64 max, u64 *out)
{
	static const struct unit units[] = {
		{ "", 1 },        { "k", 1 << 10 }, { "K", 1 << 10 },
		{ "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 },
	};

	return with_unit(text, units, max, out);
}

int parse_pids(const char *text, int *pids, int *n, int size, const char **bad)
{
	u64 v;
	int ret;

	for (;;) {
		*bad = text;
		ret = digits(&text, &v);
		if (ret)
			return ret;
		if (v < 1 || v > INT_MAX)
			return -ERANGE;
		*bad = text;
		if (*text && *text != ',')
			return -EINVAL;
		if (*n == size)
			return -ENOSPC;
		pids[(*n)++] = (int)v;
		if (!*text)
			return 0;
		text++;
	}
}
