/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "fdinfo.h"
#include "snapshot_fdinfo.h"

static bool is_eventpoll(u32 tgid, s32 fd)
{
	char path[64], link[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/fd/%d", tgid, fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return false;
	link[n] = 0;
	return !strcmp(link, "anon_inode:[eventpoll]");
}

/* The whole text, NUL-terminated, for free(); NULL if it is gone or memory is. */
static char *fdinfo_read(u32 tgid, s32 fd)
{
	size_t used = 0, size = 65536, got;
	char path[64], *text, *more;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/fdinfo/%d", tgid, fd);
	f = fopen(path, "re");
	text = f ? malloc(size) : NULL;
	while (text && (got = fread(text + used, 1, size - used - 1, f)) > 0) {
		used += got;
		if (size - used > 1)
			continue;
		size *= 2;
		more = realloc(text, size);
		if (!more)
			free(text);
		text = more;
	}
	if (f)
		fclose(f);
	if (text)
		text[used] = 0;
	return text;
}

static int instance_emit(const struct ep_instance *inst, record_fn fn, void *ctx)
{
	struct rec_hdr hdr = { .type = REC_OWNER, .len = sizeof(struct snap_owner) };
	struct snap_owner owner = { .id = inst->id, .ep = inst->ep };
	struct snap_tree lists = { .id = inst->id, .ts = clock_mono_ns() };
	char *text;
	int ret;

	if (!is_eventpoll(inst->tgid, inst->epfd))
		return 0;
	text = fdinfo_read(inst->tgid, inst->epfd);
	if (!text)
		return 0;
	lists.change = (u32)(inst->st.adds - inst->st.dels - inst->st.released);
	owner.tgid = inst->tgid;
	owner.fd = inst->epfd;
	lists.items = (u32)fdinfo_items(text, NULL, 0);
	memcpy(owner.comm, inst->comm, sizeof(owner.comm));
	free(text);
	ret = fn(ctx, &hdr, &owner);
	hdr = (struct rec_hdr){ .type = REC_LISTS, .len = sizeof(lists) };
	return ret ? ret : fn(ctx, &hdr, &lists);
}

int snapshot_fdinfo(int instances, record_fn fn, void *ctx)
{
	struct ep_instance inst;
	u64 key, next;
	bool more = !bpf_map_get_next_key(instances, NULL, &next);
	int ret = 0;

	while (more && !ret) {
		key = next;
		more = !bpf_map_get_next_key(instances, &key, &next);
		if (!bpf_map_lookup_elem(instances, &key, &inst) && inst.id)
			ret = instance_emit(&inst, fn, ctx);
	}
	return ret;
}
