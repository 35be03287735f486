/* SPDX-License-Identifier: GPL-2.0 */
#include "glyphs.h"

const struct glyphs glyphs_ascii = {
	.plain = true,
	.hline = "-",
	.vline = "|",
	.corner_left = ".",
	.corner_right = ".",
	.full = "#",
	.half_bar = { "", "" },
	.spark = { " ", "_", ".", ".", "-", "-", "=", "#", "#" },
	.ellipsis = "~",
	.check = "ok",
	.cross = "!!",
	.bar_empty = " ",
	.log2_bound = "2*log2(n+1)",
};

const struct glyphs glyphs_unicode = {
	.hline = "─",
	.vline = "│",
	.corner_left = "┌",
	.corner_right = "┐",
	.full = "█",
	.half_bar = { "", "▌" },
	.spark = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
	.ellipsis = "…",
	.check = "✓",
	.cross = "✗",
	.bar_empty = " ",
	.log2_bound = "2·log2(n+1)",
};

const struct glyphs glyphs_console = {
	.hline = "─",
	.vline = "│",
	.corner_left = "┌",
	.corner_right = "┐",
	.full = "█",
	.half_bar = { "", "▌" },
	.spark = { " ", "_", "_", "▄", "▄", "▄", "█", "█", "█" },
	.ellipsis = "~",
	.check = "ok",
	.cross = "!!",
	.bar_empty = " ",
	.log2_bound = "2·log2(n+1)",
};
