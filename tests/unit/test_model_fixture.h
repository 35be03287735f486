/* SPDX-License-Identifier: GPL-2.0 */
/* A model with one instance, for the tests of its items. */
#ifndef TEST_MODEL_FIXTURE_H
#define TEST_MODEL_FIXTURE_H

#include <cmocka.h>
#include "model.h"
#include "test_record_build.h"

#define ID 1

static struct model *m;
static struct sink s;
static struct snap_node *nodes;

static int setup(void **state)
{
	struct ep_instance inst = { .id = ID, .tgid = 1, .epfd = 3, .flags = EPI_SEEN_LATE };

	(void)state;
	m = model_new();
	s = (struct sink){ .fn = model_fold, .ctx = m };
	put_meta(&s, 10 * SEC);
	put_plans(&s, TIER_FULL);
	PUT(&s, REC_INSTANCE, inst);
	nodes = calloc(20001, sizeof(*nodes));
	return !m || !nodes;
}

static int teardown(void **state)
{
	(void)state;
	model_free(m);
	free(nodes);
	return s.err;
}

static inline void put_item(u32 i, u64 callbacks)
{
	struct rec_item item = { .key = build_key(ID, i) };

	item.st.callbacks = callbacks;
	item.st.events = 1;
	PUT(&s, REC_ITEM, item);
}

static inline void put_new_item(u32 i, u64 added_ns)
{
	struct rec_item item = { .key = build_key(ID, i) };

	item.st.added_ns = added_ns;
	PUT(&s, REC_ITEM, item);
}

static inline void put_fd(u32 i, const char *type)
{
	struct item_key key = build_key(ID, i);
	struct rec_fd fd = { .id = ID, .file = key.file, .fd = key.fd };

	snprintf(fd.type, sizeof(fd.type), "%s", type);
	memset(fd.detail, 'd', sizeof(fd.detail)); /* not terminated */
	PUT(&s, REC_FD, fd);
}

static inline const struct m_instance *tick(u64 sec)
{
	put_tick(&s, sec * SEC);
	return model_instance(m, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
