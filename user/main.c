/* SPDX-License-Identifier: GPL-2.0 */
#include <locale.h>
#include <stdio.h>
#include "check.h"
#include "lab.h"
#include "log.h"
#include "options.h"
#include "output.h"
#include "run.h"
#include "schema.h"

int main(int argc, char **argv)
{
	static struct options o;
	int status;

	setlocale(LC_CTYPE, "");
	status = options_parse(&o, argc, argv);
	if (status >= 0)
		return status;
	if (o.verbose)
		log_set_level(LOG_DEBUG);
	switch (o.command) {
	case CMD_CHECK:
		return check(&o);
	case CMD_LAB:
		return lab(&o);
	case CMD_SCHEMA:
		schema_print(stdout);
		return output_told();
	default:
		return run(&o);
	}
}
