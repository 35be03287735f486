/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "csv.h"
#include "json.h"
#include "log.h"
#include "view_table.h"

int table_add(struct table *t, u32 slot, const char *first, const char *last, const char *prefix)
{
	enum row_kind kind = slot == SLOT_IDENT ? ROW_INSTANCE : (enum row_kind)slot;
	size_t n;
	const struct column *col = columns(kind, &n), *end = col + n;
	struct cell *more = reallocarray(t->cells, t->n + n, sizeof(*more));

	if (!more)
		return -ENOMEM;
	t->cells = more;
	while (first && col < end && strcmp(col->name, first))
		col++;
	for (; col < end; col++) {
		struct cell *cell = &t->cells[t->n++];

		cell->col = col;
		cell->slot = slot;
		snprintf(cell->name, sizeof(cell->name), "%s%s", prefix, col->name);
		if (last && !strcmp(col->name, last))
			break;
	}
	return 0;
}

static const struct cell *cell_by_name(const struct table *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->n; i++)
		if (strlen(t->cells[i].name) == len && !memcmp(t->cells[i].name, name, len))
			return &t->cells[i];
	return NULL;
}

int table_select(struct table *t, const char *names)
{
	struct table picked = { 0 };
	const struct cell *cell;
	size_t len;

	if (!names)
		return 0;
	picked.cells = calloc(strlen(names) + 1, sizeof(*picked.cells));
	if (!picked.cells)
		return -ENOMEM;
	for (;; names += len + 1) {
		len = strcspn(names, ",");
		cell = cell_by_name(t, names, len);
		if (!cell) {
			log_error("no column '%.*s' here; `epscope schema` lists them", (int)len,
				  names);
			free(picked.cells);
			return -EINVAL;
		}
		picked.cells[picked.n++] = *cell;
		if (!names[len])
			break;
	}
	free(t->cells);
	*t = picked;
	return 0;
}

void table_free(struct table *t)
{
	free(t->cells);
	*t = (struct table){ 0 };
}

void table_header(const struct table *t, struct out *o, enum format format)
{
	if (format != FORMAT_CSV)
		return;
	for (size_t i = 0; i < t->n; i++) {
		if (i)
			out_char(o, ',');
		csv_text(o, t->cells[i].name);
	}
	out_char(o, '\n');
}

static int row_csv(const struct table *t, struct out *o, const struct line *line)
{
	const struct row *row;
	struct value v;

	for (size_t i = 0; i < t->n; i++) {
		if (i)
			out_char(o, ',');
		row = line->rows[t->cells[i].slot];
		if (!row)
			continue;
		column_value(t->cells[i].col, row, &v);
		csv_value(o, &v);
	}
	out_char(o, '\n');
	return out_row(o);
}

static int row_json(const struct table *t, struct out *o, const struct line *line)
{
	const struct row *row;
	char sep = '{';
	struct value v;

	for (size_t i = 0; i < t->n; i++) {
		row = line->rows[t->cells[i].slot];
		if (!row)
			continue;
		out_char(o, sep);
		sep = ',';
		json_text(o, t->cells[i].name);
		out_char(o, ':');
		column_value(t->cells[i].col, row, &v);
		json_value(o, &v);
	}
	out_text(o, sep == '{' ? "{}\n" : "}\n");
	return out_row(o);
}

int table_row(const struct table *t, struct out *o, enum format format, const struct line *line)
{
	return format == FORMAT_JSON ? row_json(t, o, line) : row_csv(t, o, line);
}

/* Columns that are on no screen have no width of their own: wide enough for a scaled number. */
static size_t cell_width(const struct cell *cell)
{
	size_t title = strlen(cell->col->title), width = cell->col->width ? cell->col->width : 7;

	return width > title ? width : title;
}

/* One cell; the last is not padded, so that lines have no blanks at their end. */
static void cell_put(struct out *o, const struct cell *cell, const char *text, bool last)
{
	size_t start = o->len, width = cell_width(cell), len = strlen(text);

	if (!cell->col->left && len < width)
		out_pad(o, start, width - len);
	out_text(o, text);
	if (!last)
		out_pad(o, start, width + 1);
	if (!last && len >= width + 1)
		out_char(o, ' ');
}

void table_titles(const struct table *t, struct out *o)
{
	for (size_t i = 0; i < t->n; i++)
		cell_put(o, &t->cells[i], t->cells[i].col->title, i + 1 == t->n);
	out_char(o, '\n');
}

void table_text(const struct table *t, struct out *o, const struct line *line)
{
	const struct row *row;
	char text[128];
	struct value v;

	for (size_t i = 0; i < t->n; i++) {
		row = line->rows[t->cells[i].slot];
		v.kind = VAL_UNKNOWN;
		if (row)
			column_value(t->cells[i].col, row, &v);
		value_screen(&v, text, sizeof(text));
		cell_put(o, &t->cells[i], text, i + 1 == t->n);
	}
	out_char(o, '\n');
}

struct sort_key {
	struct value v;
	struct row row;
	size_t pos;
	bool descending;
};

static int key_compare(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;
	int cmp = value_compare(&x->v, &y->v);
	bool known = x->v.kind != VAL_UNKNOWN && y->v.kind != VAL_UNKNOWN;

	if (cmp)
		return known && x->descending ? -cmp : cmp;
	return (x->pos > y->pos) - (x->pos < y->pos);
}

int rows_sort(struct row *rows, size_t n, const struct column *col)
{
	struct sort_key *keys;

	if (!col || n < 2)
		return 0;
	keys = calloc(n, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		column_value(col, &rows[i], &keys[i].v);
		keys[i].row = rows[i];
		keys[i].pos = i;
		keys[i].descending = col->descending;
	}
	qsort(keys, n, sizeof(*keys), key_compare);
	for (size_t i = 0; i < n; i++)
		rows[i] = keys[i].row;
	free(keys);
	return 0;
}
