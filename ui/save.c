/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "alloc.h"
#include "masks.h"
#include "plan.h"
#include "save.h"
#include "tables.h"

#define CELL 160 /* text of one value */

static void cell_text(const struct column *col, const struct row *row, char *buf)
{
	struct value v;

	column_value(col, row, &v);
	value_exact(&v, buf, CELL);
	if (!buf[0])
		strcpy(buf, "-");
}

static void save_cell(FILE *out, bool left, int width, const char *text, bool last)
{
	int pad = width - text_width(text);

	fprintf(out, "%*s%s%*s%s", left ? 0 : pad, "", text, left && !last ? pad : 0, "",
		last ? "\n" : "  ");
}

static int save_width(const struct column *col, const struct row *rows, int n)
{
	int width = text_width(col->name);
	char text[CELL];

	for (int i = 0; i < n; i++) {
		cell_text(col, &rows[i], text);
		if (text_width(text) > width)
			width = text_width(text);
	}
	return width;
}

/* Frees rows. */
static void save_table(FILE *out, const char *title, enum row_kind kind, struct row *rows, int n)
{
	size_t ncols;
	const struct column *cols = columns(kind, &ncols);
	int *width = ui_alloc(ncols, sizeof(*width));
	char text[CELL];

	fprintf(out, "\n== %s: %d ==\n", title, n);
	for (size_t c = 0; c < ncols; c++) {
		width[c] = save_width(&cols[c], rows, n);
		save_cell(out, cols[c].left, width[c], cols[c].name, c + 1 == ncols);
	}
	for (int i = 0; i < n; i++) {
		for (size_t c = 0; c < ncols; c++) {
			cell_text(&cols[c], &rows[i], text);
			save_cell(out, cols[c].left, width[c], text, c + 1 == ncols);
		}
	}
	free(width);
	free(rows);
}

static void save_origin(FILE *out, const struct model *m)
{
	fprintf(out, "\n== hooks ==\n");
	for (int h = 0; h < HOOK_COUNT; h++)
		fprintf(out, "%-9s %-5s  %s%s%s\n", hook_name((enum hook)h),
			tier_name((u32)model_tier(m, (enum hook)h)), m->plan[h].mechanism,
			m->plan[h].reason[0] ? "  - " : "", m->plan[h].reason);
	fprintf(out, "\n== lost ==\n");
	for (u32 i = 0; i < LOSS_COUNT; i++)
		fprintf(out, "%-13s %llu\n", loss_name(i), (unsigned long long)m->loss[i]);
}

void save_text(FILE *out, const struct cells *c, const struct frame *f)
{
	size_t size = (size_t)c->cols * 4 + 5;
	char *line = ui_alloc(size, 1);
	struct row *rows;
	int n;

	for (int y = 0; y < c->rows; y++) {
		cells_row_text(c, y, line, size);
		fprintf(out, "%s\n", line);
	}
	free(line);
	rows = instance_rows(f->model, &n);
	save_table(out, "instances", ROW_INSTANCE, rows, n);
	if (f->inst) {
		rows = item_rows(f->model, f->inst, &n);
		save_table(out, "items of the open instance", ROW_ITEM, rows, n);
	}
	rows = waker_rows(f->model, f->inst, &n);
	save_table(out, "wakers", ROW_WAKER, rows, n);
	rows = thread_rows(f->model, f->inst, &n);
	save_table(out, "threads", ROW_THREAD, rows, n);
	save_origin(out, f->model);
}

int save_file(const struct cells *c, const struct frame *f, char name[SAVE_NAME_LEN])
{
	time_t now = time(NULL);
	struct tm tm;
	FILE *out;
	int fd, err;

	localtime_r(&now, &tm);
	strftime(name, SAVE_NAME_LEN, "epscope-%Y%m%d-%H%M%S.txt", &tm);
	/* Often run by root in a directory of somebody else's: never follow, never overwrite. */
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	out = fdopen(fd, "w");
	if (!out) {
		err = -errno;
		close(fd);
		unlink(name);
		return err;
	}
	save_text(out, c, f);
	errno = 0;
	err = fflush(out) || ferror(out) ? -(errno ? errno : EIO) : 0;
	if (fclose(out) && !err)
		err = -errno;
	if (err)
		unlink(name);
	return err;
}
