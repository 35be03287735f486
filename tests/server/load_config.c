/* SPDX-License-Identifier: GPL-2.0 */
#include "load.h"
#include "opts.h"
#include "util.h"

#define DURATION_DEFAULT (5 * NS_PER_S)

static const char about[] =
	"A load client for epserver: sends lines of small letters and checks that each comes back\n"
	"in capitals. One message at a time is under way on a connection. Progress goes to\n"
	"stderr, the final numbers to stdout as key=value. It waits with poll(), so that it adds\n"
	"no epoll instance of its own to what is observed. Exit status: 0 when every message was\n"
	"echoed right, 1 otherwise, 2 for wrong use.";

static const char examples[] =
	"  epload --connect 127.0.0.1:7777 --connections 1000 --active 50 --duration 10\n"
	"  epload --connections 10 --rate 2000 --size 4096 --count 20000\n"
	"  epload --connect unix:/tmp/echo.sock --connections 4 --count 100000\n"
	"  epload --connections 50 --rate 500 --reconnect-after 1     short connections\n";

void load_config_parse(struct load_config *cfg, int argc, char **argv)
{
	struct opt opts[] = {
		{ "connect", OPT_TEXT, &cfg->connect, "ADDR", "IPV4:PORT or unix:/path" },
		{ "connections", OPT_NUM, &cfg->connections, "N", "to open", 1, 1000000 },
		{ "active", OPT_NUM, &cfg->active, "M", "of them that send, -1: all", -1, 1000000 },
		{ "idle-first", OPT_FLAG, &cfg->idle_first, NULL,
		  "open those that do not send before the others" },
		{ "size", OPT_NUM, &cfg->size, "BYTES", "of a message, newline included", 1,
		  1 << 26 },
		{ "rate", OPT_NUM, &cfg->rate, "R",
		  "messages per second in all, 0: as fast as echoes come", 0, 10000000 },
		{ "count", OPT_NUM, &cfg->count, "N", "messages in all, exactly; 0: no limit", 0,
		  INT64_MAX },
		{ "duration", OPT_SECONDS, &cfg->duration_ns, "S",
		  "of sending, 0: no limit with --count, else 5 s", 0, 86400 },
		{ "connect-rate", OPT_NUM, &cfg->connect_rate, "R",
		  "connections per second at the start, 0: no limit", 0, 1000000 },
		{ "pause", OPT_SECONDS, &cfg->pause_ns, "S",
		  "between the last connect and the first message", 0, 3600 },
		{ "reconnect-after", OPT_NUM, &cfg->reconnect_after, "N",
		  "close and connect again after N messages, 0: never", 0, INT64_MAX },
		{ "grace", OPT_SECONDS, &cfg->grace_ns, "S",
		  "give up when nothing comes back for S seconds", 0, 3600 },
		{ "threads", OPT_NUM, &cfg->threads, "N", "that send", 1, LOAD_THREADS_MAX },
		{ "quiet", OPT_FLAG, &cfg->quiet, NULL, "no progress on stderr" },
		{ .name = NULL },
	};
	const struct opt_set set = { about, examples, opts };

	*cfg = (struct load_config){
		.connect = "127.0.0.1:7777",
		.connections = 1,
		.active = -1,
		.size = 64,
		.grace_ns = 10 * NS_PER_S,
		.threads = 1,
	};
	opts_parse(&set, argc, argv);
	if (cfg->active < 0)
		cfg->active = cfg->connections;
	if (cfg->active > cfg->connections)
		die_usage("--active %d: more than --connections %d", (int)cfg->active,
			  (int)cfg->connections);
	if (cfg->active == 0 && !cfg->duration_ns)
		die_usage("--active 0: nothing is sent, so --duration has to say how long");
	if (cfg->threads > cfg->active && cfg->active)
		die_usage("--threads %d: more than the %d active connections", (int)cfg->threads,
			  (int)cfg->active);
	if (!cfg->count && !cfg->duration_ns)
		cfg->duration_ns = DURATION_DEFAULT;
}
