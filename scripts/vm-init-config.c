/* SPDX-License-Identifier: GPL-2.0 */
/* Reading of /vm.conf, the test machine's instructions. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm-init.h"

static int list_add(struct vm_list *list, char *s)
{
	char **v = reallocarray(list->v, list->n + 2, sizeof(*v));

	if (!v)
		return -1;
	list->v = v;
	list->v[list->n++] = s;
	list->v[list->n] = NULL;
	return 0;
}

static int size_parse(struct vm_config *cfg, const char *s)
{
	cfg->tty = true;
	return sscanf(s, "%hux%hu", &cfg->cols, &cfg->rows) == 2 ? 0 : -1;
}

int config_add(struct vm_config *cfg, char *line)
{
	char *value = strchr(line, '=');

	if (!value)
		return -1;
	*value++ = '\0';
	if (!strcmp(line, "arg"))
		return list_add(&cfg->args, value);
	if (!strcmp(line, "env"))
		return list_add(&cfg->env, value);
	if (!strcmp(line, "module"))
		return list_add(&cfg->modules, value);
	if (!strcmp(line, "share"))
		return list_add(&cfg->shares, value);
	if (!strcmp(line, "tty"))
		return size_parse(cfg, value);
	if (!strcmp(line, "cwd"))
		cfg->cwd = value;
	else if (!strcmp(line, "overlay"))
		cfg->overlay = true;
	else if (!strcmp(line, "merge"))
		cfg->merge = true;
	else
		return -1;
	return 0;
}
