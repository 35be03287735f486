/* SPDX-License-Identifier: GPL-2.0 */
/* Whole screens, line by line. */
#include "test_ui_screen.h"

static void overview_80x24(void **state)
{
	(void)state;
	start();
	assert_lines(
		0,
		"  epscope  redis-server(1234)                          6.12.0-test  00:00  LIVE\n"
		" 10.2k/s    30.6k/s  10.2k/s  4.00k/s    40.8k/s   5.10k/s        6       17\n"
		"   waits  delivered    woken   wasted  callbacks  put back    ready    items\n"
		" full tier                cost BPF 1.25% CPU 0.75%  40.0k runs/s  30.0k bytes/s\n"
		"  # COMMAND          PID EPFD  ITEMS DEPTH READY WAIT/s DELIV/s WASTE/s  HND99\n"
		"  1 redis-server    1234    5     11     4     4  10.0k   30.0k   4.00k  133ms\n"
		"  2 nginx           1235    6      3     2     1    100     300       0 15.8us\n"
		"  3 postgres        1236    7      3     2     1    100     300       0 15.8us\n"
		"── #1 redis-server ─────────────────────────────────────────────────────────────\n"
		" ready list, highest 4                     last interval           p50     p99\n"
		"                                      █ █  ready to delivered   24.7us   130us\n"
		"                                      █ █  handler              25.3ms   133ms\n"
		"                                      █ █  blocked in the wait  1.58ms  8.29ms\n"
		"                                      █ █  run queue            6.17us  32.4us\n"
		"                                      █ █  run to return        3.09us  16.2us\n"
		"                                      █ █  events per return         2       7\n"
		"                                      █▄█\n"
		"                                      ███\n"
		"                                      ███\n"
		"                                      ███\n"
		"                                      ███\n"
		"                                      ███\n"
		"                                      ███\n"
		"F1Help  F2Log  F4Filter  F6Sort  EnterOpen  SpacePause  sSave  F10Quit\n");
}

static void overview_40x10_without_unicode(void **state)
{
	(void)state;
	target.basic = true;
	target.lost = 7;
	glyphs = &glyphs_ascii;
	color = false;
	start();
	size(10, 40);
	assert_lines(0, "  epscope  redis-server(123  LOST  LIVE\n"
			" LOST  ring 7\n"
			" 10.2k/s    30.6k/s  10.2k/s  4.00k/s\n"
			"   waits  delivered    woken   wasted\n"
			" basic tier: items, callbacks not known\n"
			"  # COMMAND      EPFD  ITEMS READY\n"
			"  1 redis-server    5     11     4\n"
			"  2 nginx           6      3     1\n"
			"  3 postgres        7      3     1\n"
			"F1Help  EnterOpen  F10Quit\n");
}

static void too_small_and_back(void **state)
{
	(void)state;
	start();
	size(9, 80);
	assert_line(0, "terminal too small (80x9), needs 40x10");
	assert_line(1, "");
	size(10, 39);
	assert_line(0, "terminal too small (39x10), needs 40x10");
	size(8, 30);
	assert_line(0, "terminal too small (30x8),");
	assert_line(1, "needs 40x10");
	size(24, 80);
	assert_shown("redis-server");
}

static void tree_80x24_without_color(void **state)
{
	(void)state;
	target.basic = true;
	glyphs = &glyphs_ascii;
	color = false;
	start();
	press("1");
	assert_lines(
		0,
		"  epscope  #1 redis-server(1234) epfd 5                6.12.0-test  00:00  LIVE\n"
		" 10.0k/s    30.0k/s  10.0k/s  4.00k/s          -   5.00k/s        4       11\n"
		"   waits  delivered    woken   wasted  callbacks  put back    ready    items\n"
		" basic tier: items, callbacks not known                cost BPF 1.25% CPU 0.75%\n"
		"  1 Tree   2 Ready list 4   3 Items 11   4 Wakers   5 Histograms\n"
		" ok red-black rules hold  11 nodes, 6 red  depth 4  black height 2  (<= 7.2)\n"
		"\n"
		"                            .----------------------13b----------.\n"
		"                            |                                   |\n"
		"                            |                                   |\n"
		"                .---------18r*----------.                 .----16r----.\n"
		"                |                       |                 |           |\n"
		"                |                       |                 |           |\n"
		"          .---15b*----.           .----10b----.          9b          12b\n"
		"          |           |           |           |\n"
		"          |           |           |           |\n"
		"         8r*        11r*         14r         17r\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		" r red  b black  * on the ready list  order: address of struct file, then descr~\n"
		"F1Help  F2Log  F4Filter  F6Sort  TabNext  EscBack  SpacePause  sSave  F10Quit\n");
}

static void large_tree_as_shape(void **state)
{
	(void)state;
	target.items = 3000;
	start();
	press("1");
	assert_lines(
		5,
		" ✓ red-black rules hold  3000 nodes, 1635 red  depth 12  black height 6  (<= 23.\n"
		"\n"
		" LEVEL     NODES       RED     FILLED   BLACK AND RED NODES\n"
		"     1         1         0       full   █\n"
		"     2         2         2       full   █\n"
		"     3         4         0       full   █\n"
		"     4         8         8       full   █\n"
		"     5        16         0       full   █\n"
		"     6        32        32       full   █\n"
		"     7        64         0       full   ██\n"
		"     8       128       128       full   ████\n"
		"     9       256         0       full   █████████\n"
		"    10       512       512       full   ███████████████████\n"
		"    11      1024         0       full   ██████████████████████████████████████\n"
		"    12       953       953      46.5%   ███████████████████████████████████\n"
		"\n"
		"\n");
	size(12, 80);
	press("G");
	assert_shown("12       953");
}

static void ready_list_in_order(void **state)
{
	(void)state;
	start();
	press("2");
	assert_lines(4, "  1 Tree   2 Ready list 4   3 Items 11   4 Wakers   5 Histograms\n"
			"READY     FD TYPE     MASK               AGE       CB    DELIV\n"
			"    1      8 eventfd  IN|RDHUP        1.00ms        3        0\n"
			"    2     15 tcp      IN|ET           2.00ms        6        3\n"
			"    3     11 tcp      IN|ET           3.00ms        9        6\n"
			"    4     18 tcp      IN|RDHUP        4.00ms       12        9\n");
}

static void items_80x24(void **state)
{
	(void)state;
	start();
	press("3");
	assert_lines(
		5,
		"    FD TYPE     MASK                CB   DELIV WHAT                         LAST\n"
		"    12 eventfd  IN|ET               33      30                            10.0ms\n"
		"    16 tcp      IN|RDHUP            30      27 127.0.0.1:6379 -> 127.0.0… 9.00ms\n"
		"     9 tcp      IN|ET               27      24 127.0.0.1:6379 -> 127.0.0… 8.00ms\n"
		"    13 tcp      IN|ET               24      21 127.0.0.1:6379 -> 127.0.0… 7.00ms\n"
		"    17 tcp      IN|RDHUP            21      18 127.0.0.1:6379 -> 127.0.0… 6.00ms\n"
		"    10 eventfd  IN|ET               18      15                            5.00ms\n"
		"    14 tcp      IN|ET               15      12 127.0.0.1:6379 -> 127.0.0… 4.00ms\n"
		"    18 tcp      IN|RDHUP            12       9 127.0.0.1:6379 -> 127.0.0… 3.00ms\n"
		"    11 tcp      IN|ET                9       6 127.0.0.1:6379 -> 127.0.0… 2.00ms\n"
		"    15 tcp      IN|ET                6       3 127.0.0.1:6379 -> 127.0.0… 1.00ms\n"
		"     8 eventfd  IN|RDHUP             3       0                               0ns\n"
		"\n");
	press("/EVENT");
	press("E");
	assert_shown("127.0.0.1:6379");
}

static void wakers_and_threads_80x24(void **state)
{
	(void)state;
	start();
	press("4");
	assert_lines(5,
		     "  WAKER COMMAND      CONTEXT   WOKEN COMMAND          COUNT  WAKE/s     AGO\n"
		     "   4000 client       task       1234 redis-server      2250   7.50k  1.00ms\n"
		     "      - -            softirq    1234 redis-server       750   2.50k  1.00ms\n"
		     "\n"
		     "\n"
		     "\n"
		     "\n"
		     "\n"
		     "\n");
	assert_int_equal(cells_style(&screen, 6, 0), ST_SELECTED);
	press("l");
	assert_int_equal(cells_style(&screen, 6, 0), ST_NORMAL);
	assert_int_equal(cells_style(&screen, 15, 0), ST_SELECTED);
}

static void histograms_80x24(void **state)
{
	(void)state;
	start();
	press("5");
	assert_lines(
		5,
		" ready to delivered  n 4920             handler: return to next wait  n 4920   █\n"
		" p50 24.7us  p90 54.2us  p99 130us      p50 25.3ms  p90 55.5ms  p99 133ms      █\n"
		"   4.10us █                        187    4.19ms █                        187  █\n"
		"   8.19us █████                    750    8.39ms █████                    750  █\n"
		"   16.4us ████████████████████    3000    16.8ms ████████████████████    3000  █\n"
		"   32.8us █████                    750    33.6ms █████                    750  █\n"
		"   65.5us █                        187    67.1ms █                        187  █\n"
		"    131us ▌                         46     134ms ▌                         46  █\n"
		"                                                                               █\n"
		" blocked in the wait  n 4920            run queue: woken to running  n 4920    █\n"
		" p50 1.58ms  p90 3.47ms  p99 8.32ms     p50 6.17us  p90 13.6us  p99 32.5us     █\n"
		"    262us █                        187    1.02us █                        187  █\n"
		"    524us █████                    750    2.05us █████                    750  │\n"
		"   1.05ms ████████████████████    3000    4.10us ████████████████████    3000  │\n"
		"   2.10ms █████                    750    8.19us █████                    750  │\n"
		"   4.19ms █                        187    16.4us █                        187  │\n"
		"   8.39ms ▌                         46    32.8us ▌                         46  │\n"
		"                                                                               │\n");
	press("G");
	assert_shown("events per return");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(overview_80x24, setup, teardown),
		cmocka_unit_test_setup_teardown(overview_40x10_without_unicode, setup, teardown),
		cmocka_unit_test_setup_teardown(too_small_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(tree_80x24_without_color, setup, teardown),
		cmocka_unit_test_setup_teardown(large_tree_as_shape, setup, teardown),
		cmocka_unit_test_setup_teardown(ready_list_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(items_80x24, setup, teardown),
		cmocka_unit_test_setup_teardown(wakers_and_threads_80x24, setup, teardown),
		cmocka_unit_test_setup_teardown(histograms_80x24, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
