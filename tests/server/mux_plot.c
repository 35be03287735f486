/* SPDX-License-Identifier: GPL-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mux.h"
#include "util.h"

/* The frame, in pixels, and the powers of ten at its edges. */
struct frame {
	double left, right, top, bottom;
	int x_first, x_last, y_first, y_last;
};

static double x_of(const struct frame *f, double x)
{
	return f->left + (log10(x) - f->x_first) / (f->x_last - f->x_first) * (f->right - f->left);
}

static double y_of(const struct frame *f, double y)
{
	return f->bottom -
	       (log10(y) - f->y_first) / (f->y_last - f->y_first) * (f->bottom - f->top);
}

static void frame_fit(struct frame *f, const struct plot_line *lines, size_t count)
{
	double x_least = HUGE_VAL, x_most = 1, y_least = HUGE_VAL, y_most = 1;

	for (size_t i = 0; i < count; i++) {
		for (int k = 0; k < lines[i].count; k++) {
			x_least = fmin(x_least, lines[i].points[k].x);
			x_most = fmax(x_most, lines[i].points[k].x);
			y_least = fmin(y_least, lines[i].points[k].y);
			y_most = fmax(y_most, lines[i].points[k].y);
		}
	}
	f->x_first = (int)floor(log10(x_least));
	f->x_last = (int)ceil(log10(x_most));
	f->y_first = (int)floor(log10(y_least));
	f->y_last = (int)ceil(log10(y_most));
}

static void tick_x(FILE *out, const struct frame *f, int power)
{
	double x = x_of(f, pow(10, power));

	fprintf(out, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#ddd\"/>\n", x, f->top, f->bottom);
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>\n", x,
		f->bottom + 20, pow(10, power));
}

static void tick_y(FILE *out, const struct frame *f, int power)
{
	static const char *const units[] = { "ns", "&#181;s", "ms", "s" };
	double y = y_of(f, pow(10, power));
	int unit = power / 3 > 3 ? 3 : power / 3;

	fprintf(out, "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#ddd\"/>\n", f->left, y, f->right);
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.0f %s</text>\n",
		f->left - 8, y + 5, pow(10, power - 3 * unit), units[unit]);
}

static void axes(FILE *out, const struct frame *f)
{
	for (int p = f->x_first; p <= f->x_last; p++)
		tick_x(out, f, p);
	for (int p = f->y_first; p <= f->y_last; p++)
		tick_y(out, f, p);
	fprintf(out, "<path d=\"M%.1f %.1fV%.1fH%.1f\" stroke=\"#333\" fill=\"none\"/>\n", f->left,
		f->top, f->bottom, f->right);
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">idle connections</text>\n",
		(f->left + f->right) / 2, f->bottom + 44);
	fprintf(out,
		"<text transform=\"translate(20 %.1f) rotate(-90)\" text-anchor=\"middle\">"
		"CPU time per echo</text>\n",
		(f->top + f->bottom) / 2);
}

static void line_draw(FILE *out, const struct frame *f, const struct plot_line *l, size_t nth)
{
	double x = f->right + 20, y = f->top + 20 + 24 * (double)nth;

	fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"",
		l->color);
	for (int k = 0; k < l->count; k++)
		fprintf(out, "%s%.1f,%.1f", k ? " " : "", x_of(f, l->points[k].x),
			y_of(f, l->points[k].y));
	fprintf(out, "\"/>\n");
	for (int k = 0; k < l->count; k++)
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n",
			x_of(f, l->points[k].x), y_of(f, l->points[k].y), l->color);
	if (l->count)
		fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"12\" fill=\"%s\">%s</text>\n",
			x_of(f, l->points[l->count - 1].x) + 10,
			y_of(f, l->points[l->count - 1].y) + 16, l->color, l->end);
	fprintf(out, "<path d=\"M%.1f %.1fh24\" stroke=\"%s\" stroke-width=\"2\"/>\n", x, y,
		l->color);
	fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x + 12, y,
		l->color);
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x + 32, y + 5, l->name);
}

/* Into what is there, which may be a link, a pipe or a device. */
static void text_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fflush(f) || fclose(f))
		die_errno("%s: the plot is not written whole", path);
}

void plot_write(const char *path, const struct plot_line *lines, size_t count)
{
	struct frame f = { .left = 90, .right = 640, .top = 50, .bottom = 400 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		die("out of memory");
	frame_fit(&f, lines, count);
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"460\" "
		     "font-family=\"sans-serif\" font-size=\"14\">\n"
		     "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
	fprintf(out,
		"<text x=\"%.1f\" y=\"28\" text-anchor=\"middle\" font-size=\"16\">"
		"The same echo service, waiting in three ways</text>\n",
		(f.left + f.right) / 2);
	axes(out, &f);
	for (size_t i = 0; i < count; i++)
		line_draw(out, &f, &lines[i], i);
	fprintf(out, "</svg>\n");
	if (fclose(out))
		die("out of memory");
	text_write(path, text);
	free(text);
}
