/* SPDX-License-Identifier: GPL-2.0 */
#include "csv.h"
#include "json.h"

/* Length of the UTF-8 sequence at s, 0 if it is none (also for overlong ones and surrogates). */
static size_t utf8_len(const unsigned char *s)
{
	size_t len = s[0] < 0x80   ? 1
		     : s[0] < 0xc2 ? 0
		     : s[0] < 0xe0 ? 2
		     : s[0] < 0xf0 ? 3
		     : s[0] < 0xf5 ? 4
				   : 0;

	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

void json_text(struct out *o, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len;

	out_char(o, '"');
	while (*s) {
		len = utf8_len(s);
		if (!len)
			out_text(o, "\\ufffd");
		else if (*s == '"' || *s == '\\')
			out_printf(o, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			out_printf(o, "\\u%04x", *s);
		else
			out_bytes(o, (const char *)s, len);
		s += len ? len : 1;
	}
	out_char(o, '"');
}

void json_value(struct out *o, const struct value *v)
{
	switch (v->kind) {
	case VAL_UNKNOWN:
		out_text(o, "null");
		return;
	case VAL_TEXT:
		json_text(o, v->text);
		return;
	case VAL_HEX:
		out_char(o, '"');
		out_hex(o, v->u);
		out_char(o, '"');
		return;
	default:
		csv_value(o, v); /* numbers look the same */
		return;
	}
}
