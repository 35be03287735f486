/* SPDX-License-Identifier: GPL-2.0 */
#include "spark.h"

#define SCALE_LEAST 4 /* a list of one item is no full column */

u32 spark_sample(const struct m_instance *inst, int i)
{
	if (i < 0 || (u32)i >= inst->spark_len)
		return 0;
	return inst->spark[(inst->spark_head + SPARK_LEN - 1 - (u32)i) % SPARK_LEN];
}

u32 spark_max(const struct m_instance *inst, int n)
{
	u32 max = 0;

	for (int i = 0; i < n; i++)
		if (spark_sample(inst, i) > max)
			max = spark_sample(inst, i);
	return max;
}

/* Height of v in eighths of a cell when max fills h cells; what is not 0 is seen. */
static int eighths(u32 v, u32 max, int h)
{
	u64 steps = max ? (u64)v * (u64)h * SPARK_STEPS / max : 0;

	return v && !steps ? 1 : (int)steps;
}

void spark_chart(struct canvas *cv, struct rect r, enum style style, const struct m_instance *inst)
{
	u32 max = spark_max(inst, r.w);

	max = max < SCALE_LEAST ? SCALE_LEAST : max;
	for (int i = 0; i < r.w && (u32)i < inst->spark_len; i++) {
		int height = eighths(spark_sample(inst, i), max, r.h);

		for (int line = 0; line < r.h && height > 0; line++, height -= SPARK_STEPS)
			canvas_put(cv, r.y + r.h - 1 - line, r.x + r.w - 1 - i, style,
				   cv->glyphs->spark[height > SPARK_STEPS ? SPARK_STEPS : height]);
	}
}

void spark_draw(struct canvas *cv, int y, int x, int w, enum style style,
		const struct m_instance *inst)
{
	spark_chart(cv, (struct rect){ y, x, 1, w }, style, inst);
}
