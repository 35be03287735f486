/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>
#include "signals.h"

volatile sig_atomic_t stop_requested;

static void on_stop(int sig)
{
	(void)sig;
	stop_requested = 1;
}

void signals_install(bool once)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa, old;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_stop;
	if (once)
		sa.sa_flags = SA_RESETHAND;
	for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		sigaction(stops[i], NULL, &old);
		/* nohup stays in force; SIGINT is ignored in every script's background job, where
		 * "kill -INT" is nevertheless how people end a tracer */
		if (stops[i] != SIGHUP || old.sa_handler != SIG_IGN)
			sigaction(stops[i], &sa, NULL);
	}
	sa.sa_handler = SIG_IGN;
	sa.sa_flags = 0;
	sigaction(SIGPIPE, &sa, NULL);
}
