/* SPDX-License-Identifier: GPL-2.0 */
#include "columns.h"
#include "masks.h"
#include "plan.h"
#include "schema.h"

static const char *const intro =
	"# Output of epscope\n"
	"\n"
	"`--format csv` follows RFC 4180 with a newline alone as line end: one header row, fields\n"
	"quoted where they hold a comma, a quote or a line break. `--format json` writes one object\n"
	"per line with the same names.\n"
	"\n"
	"- The order of columns is the one below. `--columns a,b,c` selects some, in that order.\n"
	"- What this kernel cannot tell is an empty field (JSON: null), never 0. The column *hook*\n"
	"  names the question that must be answered for it; `epscope check` says which are.\n"
	"- Times are integer nanoseconds of CLOCK_MONOTONIC. The row `meta`, the first one, has\n"
	"  `wall_offset_ns`: added to a time it gives nanoseconds since 1970. Spans end in `_ns` too.\n"
	"- Percentiles come from histograms with a slot per power of two, interpolated inside the\n"
	"  slot: within a factor of two of the exact value, and never above the largest one.\n"
	"- Masks are there as text without `EPOLL` (`IN|ET`) and as a hexadecimal number.\n"
	"- A row `lost` says that data was lost, how much and where; no such row: nothing was.\n"
	"- A file that could not be written whole ends with a message and exit status 6.\n";

static void table_print(FILE *out, enum row_kind kind)
{
	size_t n;
	const struct column *cols = columns(kind, &n);

	fputs("\n| column | unit | hook | meaning |\n|---|---|---|---|\n", out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", cols[i].name, cols[i].unit,
			cols[i].hook < 0 ? "" : hook_name((enum hook)cols[i].hook), cols[i].help);
}

static void section_stat(FILE *out)
{
	fputs("\n## stat\n"
	      "\n"
	      "Columns: `row`, `ts_ns`; those of the instance; with `--items` those of the item\n"
	      "from `fd` on, each with `item_` before its name; then `lost`, `where`,\n"
	      "`wall_offset_ns`, `tiers`, and what epscope costs, from `over_ns` on. Counts are those of\n"
	      "the interval, so the sum over the rows `interval` of an instance is its row `summary`, and\n"
	      "that over the rows `cost` the row `cost_summary`.\n"
	      "\n"
	      "The kernel accounts BPF programs for a part of the time, `accounted_ns`: `bpf_ns` and\n"
	      "`bpf_runs` are of that part alone, and all three are empty where there was none.\n"
	      "\n| row | meaning |\n|---|---|\n",
	      out);
	for (int kind = 0; kind < STAT_KINDS; kind++)
		fprintf(out, "| `%s` | %s |\n", stat_kind_name((enum stat_kind)kind),
			stat_kind_help((enum stat_kind)kind));
	fputs("\nOf the row itself:\n", out);
	table_print(out, ROW_STAT);
	fputs("\nOf the instance (not in rows `meta`, `lost` and `cost`; of rows `item` the first four):\n",
	      out);
	table_print(out, ROW_INSTANCE);
}

static void section_trace(FILE *out)
{
	fputs("\n## trace\n\nA row per event, in the order in which they were handed out.\n"
	      "\n| type | meaning |\n|---|---|\n",
	      out);
	for (u32 type = 0; type <= EV_META; type++)
		fprintf(out, "| `%s` | %s |\n", event_name(type), event_help(type));
	table_print(out, ROW_EVENT);
}

static void section_losses(FILE *out)
{
	fputs("\n## Losses\n\n| where | meaning |\n|---|---|\n", out);
	for (u32 i = 0; i < LOSS_COUNT; i++)
		fprintf(out, "| `%s` | %s |\n", loss_name(i), loss_help(i));
}

void schema_print(FILE *out)
{
	fputs(intro, out);
	section_trace(out);
	section_stat(out);
	fputs("\n## tree\n"
	      "\n"
	      "A row `item` per item of each instance, in the order of the tree: `row`, `ts_ns` (of\n"
	      "the snapshot), `instance`, `comm`, `tgid`, `epfd`, `wall_offset_ns` and `tiers` as in stat, and\n"
	      "the columns below.\n",
	      out);
	table_print(out, ROW_ITEM);
	section_losses(out);
	fputs("\n## On screen only\n\nThreads:\n", out);
	table_print(out, ROW_THREAD);
	fputs("\nWakers:\n", out);
	table_print(out, ROW_WAKER);
}
