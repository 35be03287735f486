/* SPDX-License-Identifier: GPL-2.0 */
#include "config.h"
#include "opts.h"
#include "util.h"

static const char *const modes[] = { "lt", "et", NULL };
static const char *const instance_layouts[] = { "shared", "each", NULL };
static const char *const wait_calls[] = { "wait", "pwait", "pwait2", NULL };

static const char about[] =
	"A server on epoll that echoes what it gets in upper case, and prints at the end what it\n"
	"asked of epoll and what it got, counted call by call. Ends on SIGTERM or SIGINT; SIGUSR1\n"
	"prints the numbers so far. Output: key=value, totals one per line; one line for each\n"
	"instance and each thread.";

static const char examples[] =
	"  epserver --listen 127.0.0.1:7777\n"
	"  epserver --mode et --threads 4 --instances each --exclusive\n"
	"  epserver --listen unix:/tmp/echo.sock --oneshot --threads 2 --duration 10\n"
	"  epserver --sleep-us 2000                 a loop that blocks: handler time shows it\n"
	"  epserver --threads 8 --instances each    a herd: every accept wakes eight threads\n";

void config_parse(struct config *cfg, int argc, char **argv)
{
	struct opt opts[] = {
		{ "listen", OPT_TEXT, &cfg->listen, "ADDR", "IPV4:PORT (0: any) or unix:/path" },
		{ "mode", OPT_CHOICE, &cfg->mode, "lt|et", "level- or edge-triggered",
		  .choices = modes },
		{ "oneshot", OPT_FLAG, &cfg->oneshot, NULL,
		  "connections with EPOLLONESHOT, re-armed after each event" },
		{ "exclusive", OPT_FLAG, &cfg->exclusive, NULL,
		  "the listener with EPOLLEXCLUSIVE" },
		{ "threads", OPT_NUM, &cfg->threads, "N", "worker threads", 1, THREADS_MAX },
		{ "instances", OPT_CHOICE, &cfg->instances, "shared|each",
		  "threads wait on one instance, or on one each", .choices = instance_layouts },
		{ "maxevents", OPT_NUM, &cfg->maxevents, "N", "events per wait", 1, 65536 },
		{ "timeout", OPT_NUM, &cfg->timeout_ms, "MS", "of each wait, -1: none", -1,
		  3600000 },
		{ "wait-call", OPT_CHOICE, &cfg->wait_call, "CALL", "epoll_ wait, pwait or pwait2",
		  .choices = wait_calls },
		{ "busy-us", OPT_NUM, &cfg->busy_us, "N", "use the CPU so long per event", 0,
		  60000000 },
		{ "sleep-us", OPT_NUM, &cfg->sleep_us, "N", "sleep so long per event", 0,
		  60000000 },
		{ "read-size", OPT_NUM, &cfg->read_size, "BYTES", "of one read", 1, 1 << 24 },
		{ "rcvbuf", OPT_NUM, &cfg->rcvbuf, "BYTES", "SO_RCVBUF, 0: the kernel's", 0,
		  1 << 28 },
		{ "sndbuf", OPT_NUM, &cfg->sndbuf, "BYTES",
		  "SO_SNDBUF, 0: the kernel's; small: partial writes", 0, 1 << 28 },
		{ "backlog", OPT_NUM, &cfg->backlog, "N", "of listen()", 0, 65535 },
		{ "del", OPT_FLAG, &cfg->explicit_del, NULL,
		  "EPOLL_CTL_DEL before closing a connection" },
		{ "close-after", OPT_NUM, &cfg->close_after, "N",
		  "close a connection after N messages, 0: never", 0, INT64_MAX },
		{ "duration", OPT_SECONDS, &cfg->duration_ns, "S", "end after S seconds, 0: never",
		  0, 86400 },
		{ "idle-exit", OPT_SECONDS, &cfg->idle_exit_ns, "S",
		  "end after S seconds without an event, 0: never", 0, 86400 },
		{ "ready-file", OPT_TEXT, &cfg->ready_file, "FILE",
		  "written when listening: pid=.. port=.. epfds=.." },
		{ "stats-file", OPT_TEXT, &cfg->stats_file, "FILE",
		  "the final numbers go there as well" },
		{ .name = NULL },
	};
	const struct opt_set set = { about, examples, opts };

	*cfg = (struct config){
		.listen = "127.0.0.1:7777",
		.threads = 1,
		.maxevents = 64,
		.timeout_ms = -1,
		.backlog = 4096,
		.read_size = 16384,
	};
	opts_parse(&set, argc, argv);
}
