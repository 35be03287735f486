/* SPDX-License-Identifier: GPL-2.0 */
/* Every command, option, default and wrong use. */
#include "test_options_parse.h"

static void defaults(void **state)
{
	struct options o;

	(void)state;
	good(&o, "-p 12");
	assert_int_equal(o.command, CMD_TOP);
	assert_int_equal(o.npids, 1);
	assert_int_equal(o.pids[0], 12);
	assert_null(o.name);
	assert_false(o.all || o.follow || o.items || o.basic || o.no_color || o.verbose);
	assert_null(o.argv);
	assert_null(o.output);
	assert_null(o.replay);
	assert_null(o.ready_file);
	assert_null(o.columns);
	assert_null(o.sort);
	assert_null(o.events);
	assert_null(o.force_all);
	assert_int_equal(o.event_mask, 0);
	assert_int_equal(o.format, FORMAT_TEXT);
	assert_false(o.format_set);
	assert_int_equal(o.interval_ms, 100);
	assert_int_equal(o.count, 0);
	assert_int_equal(o.duration_ns, 0);
	assert_int_equal(o.ring_kb, 4096);
	assert_int_equal(o.max_items, 65536);
	assert_int_equal(o.max_instances, 4096);
	assert_int_equal(o.max_threads, 16384);
	assert_int_equal(o.max_wakers, 8192);
	assert_int_equal(o.max_targets, 16384);
}

static void commands(void **state)
{
	static const struct {
		const char *text;
		enum command command;
		enum format format;
		u32 interval_ms;
	} t[] = {
		{ "top -a", CMD_TOP, FORMAT_TEXT, 100 },
		{ "trace -a", CMD_TRACE, FORMAT_CSV, 1000 },
		{ "stat -a", CMD_STAT, FORMAT_CSV, 1000 },
		{ "tree -a", CMD_TREE, FORMAT_TEXT, 1000 },
		{ "tree -a -o f", CMD_TREE, FORMAT_CSV, 1000 },
		{ "record -a -o f", CMD_RECORD, FORMAT_TEXT, 1000 },
		{ "check", CMD_CHECK, FORMAT_TEXT, 1000 },
		{ "schema", CMD_SCHEMA, FORMAT_TEXT, 1000 },
	};
	struct options o;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		good(&o, t[i].text);
		assert_int_equal(o.command, t[i].command);
		assert_int_equal(o.format, t[i].format);
		assert_int_equal(o.interval_ms, t[i].interval_ms);
		assert_int_equal(command_by_name(command_name(t[i].command)), t[i].command);
	}
	bad("frobnicate -a", "no command 'frobnicate'");
	bad("'' -a", "no command ''");
	bad("tracer -a", "no command 'tracer'");
}

static void targets(void **state)
{
	struct options o;

	(void)state;
	good(&o, "-p 1,2 -p 3 -f");
	assert_int_equal(o.npids, 3);
	assert_int_equal(o.pids[2], 3);
	assert_true(o.follow);
	good(&o, "--name nginx");
	assert_string_equal(o.name, "nginx");
	assert_false(o.follow);
	good(&o, "-n 123456789012345");
	good(&o, "--all");
	assert_true(o.all);
	bad("", "nothing to watch");
	bad("trace", "nothing to watch");
	bad("-a -p 1", "exclude one another");
	bad("-n x -p 1", "exclude one another");
	bad("-a -- ls", "exclude one another");
	bad("-p 0", "not a process id");
	bad("-p 12abc", "at 'abc'");
	bad("-p 1,,2", "at ',2'");
	bad("-p -5", "not a process id");
	bad("-n 1234567890123456", "1 to 15 characters");
	bad("-n ''", "1 to 15 characters");
}

static void too_many_pids(void **state)
{
	char text[512] = "-p 1";
	struct options o;

	(void)state;
	for (int i = 1; i < MAX_PIDS; i++)
		strcat(text, ",2");
	good(&o, text);
	assert_int_equal(o.npids, MAX_PIDS);
	strcat(text, ",3");
	bad(text, "more than 64 processes");
}

static void commands_to_start(void **state)
{
	struct options o;

	(void)state;
	good(&o, "stat -d 1s -- ls -l --all");
	assert_non_null(o.argv);
	assert_string_equal(o.argv[0], "ls");
	assert_string_equal(o.argv[1], "-l");
	assert_string_equal(o.argv[2], "--all");
	assert_null(o.argv[3]);
	assert_true(o.follow);
	good(&o, "-- ls");
	assert_int_equal(o.command, CMD_TOP);
	bad("--", "nothing to watch");
	bad("-p 1 ls", "'ls' is not expected here");
	bad("-p 1 2", "'2' is not expected here");
	bad("check foo", "'foo' is not expected here");
	bad("check -- ls", "check takes no -p, -n, -a or command");
}

static void recordings(void **state)
{
	struct options o;

	(void)state;
	good(&o, "-r f.eps");
	assert_string_equal(o.replay, "f.eps");
	good(&o, "stat --replay f.eps --format text");
	assert_int_equal(o.format, FORMAT_TEXT);
	assert_true(o.format_set);
	good(&o, "record -p 1 --output f.eps");
	assert_string_equal(o.output, "f.eps");
	bad("-r f.eps -p 1", "-r takes no -p");
	bad("trace -r f.eps -- ls", "-r takes no -p");
	bad("record -p 1", "record needs -o FILE");
	bad("record -r f -o g", "--replay does not go with 'record'");
}

static void samples(void **state)
{
	struct options o;

	(void)state;
	good(&o, "stat -a -i 10ms -c 3 -d 2m");
	assert_int_equal(o.interval_ms, 10);
	assert_int_equal(o.count, 3);
	assert_true(o.duration_ns == 120000000000ULL);
	good(&o, "top -a --interval 1h --count 1000000000000 --duration 8760h");
	assert_int_equal(o.interval_ms, 3600000);
	bad("-a -i 9ms", "-i 9ms: out of range; give a time from 10ms to 1h");
	bad("-a -i 61m", "out of range");
	bad("-a -i 0", "out of range");
	bad("-a -i fast", "not a number as expected");
	bad("-a -c 0", "-c 0: out of range");
	bad("-a -c 1000000000001", "out of range");
	bad("-a -c -1", "not a number as expected");
	bad("-a -c 1x", "not a number as expected");
	bad("-a -d 0", "-d 0: out of range");
	bad("-a -d 8761h", "out of range");
	bad("-a -d 1.5s", "not a number as expected");
}

static void limits(void **state)
{
	struct options o;

	(void)state;
	good(&o, "-a --ring-size 4k --max-items 1 --max-instances 16777216");
	assert_int_equal(o.ring_kb, 4);
	assert_int_equal(o.max_items, 1);
	assert_int_equal(o.max_instances, 16777216);
	good(&o, "-a --max-threads 2 --max-wakers 3 --max-targets 4");
	assert_int_equal(o.max_threads, 2);
	assert_int_equal(o.max_wakers, 3);
	assert_int_equal(o.max_targets, 4);
	bad("-a --max-threads 0", "out of range");
	good(&o, "-a --ring-size=1G");
	assert_int_equal(o.ring_kb, 1 << 20);
	bad("-a --ring-size 3M", "--ring-size 3M: out of range; give a power of two");
	bad("-a --ring-size 2G", "out of range");
	bad("-a --ring-size 2k", "out of range");
	bad("-a --ring-size lots", "not a number as expected");
	bad("-a --max-items 0", "--max-items 0: out of range");
	bad("-a --max-instances 16777217", "--max-instances 16777217: out of range");
}

static void rows(void **state)
{
	struct options o;

	(void)state;
	good(&o, "stat -a --format json --columns pid,items --sort items --items");
	assert_int_equal(o.format, FORMAT_JSON);
	assert_string_equal(o.columns, "pid,items");
	assert_string_equal(o.sort, "items");
	assert_true(o.items);
	good(&o, "trace -a --events wait,return");
	assert_string_equal(o.events, "wait,return");
	assert_int_equal(o.event_mask, 1u << EV_WAIT | 1u << EV_RETURN);
	bad("-a --format xml", "choose csv, json or text");
	bad("trace -a --events wait,nap", "no event type 'nap'");
	bad("trace -a --events ,wait", "no event type ''");
	bad("trace -a --items", "--items does not go with 'trace'");
	bad("stat -a --events wait", "--events does not go with 'stat'");
	bad("check -p 1", "--pid does not go with 'check'");
	bad("schema -o f", "--output does not go with 'schema'");
}

static void mechanisms_forced(void **state)
{
	struct options o;

	(void)state;
	good(&o, "-a --mech wait=kprobe --mech all=tracepoint --mech callback=none");
	assert_string_equal(o.force[HOOK_WAIT], "kprobe");
	assert_string_equal(o.force[HOOK_CALLBACK], "none");
	assert_string_equal(o.force_all, "tracepoint");
	assert_null(o.force[HOOK_CTL]);
	good(&o, "check --tier basic");
	assert_true(o.basic);
	good(&o, "check --tier basic --tier auto");
	assert_false(o.basic);
	bad("-a --mech wait", "give HOOK=MECHANISM");
	bad("-a --mech wait=", "give HOOK=MECHANISM");
	bad("-a --mech wait=magic", "give HOOK=MECHANISM");
	bad("-a --mech sleep=kprobe", "--mech sleep=kprobe: no hook of that name");
	bad("-a --mech =kprobe", "no hook of that name");
	bad("-a --tier full", "choose auto or basic");
}

static void unknown_options(void **state)
{
	(void)state;
	bad("-a --frobnicate", "unknown option --frobnicate");
	bad("-a -z", "unknown option -z");
	bad("-za", "unknown option -z;");
	bad("--all -zv", "unknown option -z;");
	bad("-avz", "unknown option -z;");
	bad("--frobnicate=1", "unknown option --frobnicate=1;");
	bad("--max 3", "unknown option --max;"); /* --max-items or --max-instances? */
	bad("-a -p", "-p needs an argument: PID[,PID];");
	bad("-ap", "-p needs an argument: PID[,PID];");
	bad("-a --sort", "--sort needs an argument: COLUMN;");
	bad("-a --all=1", "--all=1: this option takes no argument;");
	bad("--help=1", "--help=1: this option takes no argument;");
}

static void colours(void **state)
{
	struct options o;

	(void)state;
	good(&o, "-a --no-color -v");
	assert_true(o.no_color && o.verbose);
	setenv("NO_COLOR", "", 1); /* no-color.org: only if it is not empty */
	good(&o, "-a");
	assert_false(o.no_color);
	setenv("NO_COLOR", "1", 1);
	good(&o, "-a");
	assert_true(o.no_color);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(commands),
		cmocka_unit_test(targets),
		cmocka_unit_test(too_many_pids),
		cmocka_unit_test(commands_to_start),
		cmocka_unit_test(recordings),
		cmocka_unit_test(samples),
		cmocka_unit_test(limits),
		cmocka_unit_test(rows),
		cmocka_unit_test(mechanisms_forced),
		cmocka_unit_test(unknown_options),
		cmocka_unit_test(colours),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
