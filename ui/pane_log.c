/* SPDX-License-Identifier: GPL-2.0 */
/* Messages since the dashboard started, the newest first, where each figure comes from, and the cost. */
#include <time.h>
#include "message.h"
#include "pane.h"
#include "plan.h"
#include "masks.h"
#include "table.h"

static void draw_message(struct canvas *cv, int y, const struct message *msg)
{
	static const enum style styles[] = { ST_BAD, ST_WARN, ST_NORMAL, ST_DIM };
	time_t wall = (time_t)(msg->wall / 1000000000ULL);
	struct tm tm;
	char when[16];

	localtime_r(&wall, &tm);
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	canvas_put(cv, y, 1, ST_DIM, when);
	canvas_put_fit(cv, y, 11, cv->area.w - 13, styles[msg->level], msg->text);
}

/* One hook: its tier, its mechanism, and why not another. */
static void draw_hook(struct canvas *cv, int y, const struct frame *f, int hook)
{
	static const enum style styles[] = { ST_BAD, ST_WARN, ST_GOOD };
	const struct rec_plan *plan = &f->model->plan[hook];
	enum tier tier = model_tier(f->model, (enum hook)hook);

	canvas_put(cv, y, 1, ST_ACCENT, hook_name((enum hook)hook));
	canvas_put(cv, y, 11, styles[tier], tier_name(tier));
	canvas_put_fit(cv, y, 17, 34, ST_NORMAL, plan->mechanism);
	canvas_put_fit(cv, y, 52, cv->area.w - 54, ST_DIM, plan->reason);
}

void pane_log_draw(struct canvas *cv, const struct frame *f)
{
	struct list *l = &f->st->list[LIST_LOG];
	int n = messages_count(), shown = n ? n : 1, page = cv->area.h;
	/* Title, messages, free line, title, hooks, free line, cost. */
	int hooks = shown + 3, cost = hooks + HOOK_COUNT + 1;

	list_sync(l, NULL, cost + pane_cost_rows(), page, 0);
	for (int y = 0; y < page; y++) {
		int line = l->top + y;

		if (line == 0 || line == hooks - 1) {
			canvas_style_row(cv, y, ST_HEAD);
			canvas_put(cv, y, 1, ST_HEAD,
				   line ? "HOOK      TIER  MECHANISM                          WHY"
					: "TIME      MESSAGE");
		} else if (line <= shown) {
			if (n)
				draw_message(cv, y, message_at(n - line));
			else
				canvas_put(cv, y, 1, ST_DIM, "No messages.");
		} else if (line >= hooks && line < hooks + HOOK_COUNT) {
			draw_hook(cv, y, f, line - hooks);
		} else if (line >= cost && line < l->rows) {
			pane_cost_draw_row(cv, y, line - cost, f);
		}
	}
	scrollbar_draw(cv, 0, page, l->top, page, l->rows);
}
