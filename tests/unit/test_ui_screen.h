/* SPDX-License-Identifier: GPL-2.0 */
/* Draws whole screens of the made-up target of test_ui_fixture.h, and looks at them. */
#ifndef EPSCOPE_TEST_UI_SCREEN_H
#define EPSCOPE_TEST_UI_SCREEN_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "keys.h"
#include "pane.h"
#include "test_ui_fixture.h"

static struct fx target;
static struct model *model;
static struct state ui;
static struct cells screen;
static struct frame frame;
static const struct glyphs *glyphs;
static bool color;

static inline void draw(void)
{
	frame.inst = ui.screen == SCREEN_DETAIL ? model_instance_by_id(model, ui.inst) : NULL;
	screen_draw(&screen, &frame, glyphs, color);
}

static inline void size(int rows, int cols)
{
	assert_int_equal(cells_resize(&screen, rows, cols), 0);
	draw();
}

static inline void press(const char *keys)
{
	for (; *keys; keys++) {
		state_key(&ui, *keys == 'E' ? UIKEY_ENTER : (u32)*keys);
		draw();
	}
}

/* After three samples: every figure of the last two intervals is known. */
static inline void start(void)
{
	model = model_new();
	assert_non_null(model);
	target.fn = model_fold;
	target.ctx = model;
	for (u64 sample = 0; sample < 3; sample++)
		fx_sample(&target, sample);
	frame = (struct frame){
		.model = model, .st = &ui, .title = "x", .host = "host", .end_text = "", .now_ns = 1
	};
	state_init(&ui);
	size(24, 80);
}

static inline int setup(void **state)
{
	(void)state;
	target = (struct fx){ .instances = 3, .items = 11, .ready = 4, .wasted = 400 };
	glyphs = &glyphs_unicode;
	color = true;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	cells_free(&screen);
	model_free(model);
	model = NULL;
	return 0;
}

static inline void assert_line(int y, const char *expect)
{
	char text[2048];

	cells_row_text(&screen, y, text, sizeof(text));
	assert_string_equal(text, expect);
}

/* Lines first, first + 1 ... of the screen are those of expect. */
static inline void assert_lines(int first, const char *expect)
{
	while (*expect) {
		size_t len = strcspn(expect, "\n");
		char line[2048];

		memcpy(line, expect, len);
		line[len] = '\0';
		assert_line(first++, line);
		expect += len + 1;
	}
}

/* Place of the first text on screen, row * 1000 + bytes before it; -1: not there. */
static inline int find(const char *text)
{
	for (int y = 0; y < screen.rows; y++) {
		char line[2048];
		const char *at;

		cells_row_text(&screen, y, line, sizeof(line));
		at = strstr(line, text);
		if (at)
			return y * 1000 + (int)(at - line);
	}
	return -1;
}

#define assert_shown(text)     assert_true(find(text) >= 0)
#define assert_not_shown(text) assert_int_equal(find(text), -1)

static inline enum style style_of(const char *text)
{
	int at = find(text);

	assert_true(at >= 0);
	return cells_style(&screen, at / 1000, at % 1000);
}

#endif
