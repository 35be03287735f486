/* SPDX-License-Identifier: GPL-2.0 */
/* epcount_show FILE: what epcount.so has counted in it so far, a line KEY=VALUE each. */
#include <inttypes.h>
#include <stdio.h>

#include "epcount.h"

int main(int argc, char **argv)
{
	static const char *const names[] = {
#define X(name) #name,
		EPCOUNT_KEYS(X)
#undef X
	};
	uint64_t count[COUNT_KEYS];
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;

	if (!f || fread(count, sizeof(count), 1, f) != 1) {
		fprintf(stderr, "epcount_show: no counts in '%s'\n", argc == 2 ? argv[1] : "");
		return 1;
	}
	for (int i = 0; i < COUNT_KEYS; i++)
		printf("%s=%" PRIu64 "\n", names[i], count[i]);
	return 0;
}
