/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>
#include "alloc.h"
#include "exit_codes.h"
#include "log.h"
#include "message.h"
#include "term.h"

void ui_out_of_memory(void)
{
	term_stop();
	messages_stop();
	log_error("out of memory while drawing: watch fewer processes (-p), or use 'epscope stat'");
	exit(EXIT_FAILED);
}

void *ui_alloc(size_t n, size_t size)
{
	void *mem = calloc(n ? n : 1, size);

	if (!mem)
		ui_out_of_memory();
	return mem;
}
