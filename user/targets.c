/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "child.h"
#include "clock.h"
#include "log.h"
#include "procinfo.h"
#include "targets.h"

#define SCAN_NS    1000000000ULL /* how often -n looks for new processes */
#define FD_RESERVE 64

static struct target *target_find(struct targets *t, u32 tgid)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->list[i].tgid == tgid && !t->list[i].exited)
			return &t->list[i];
	return NULL;
}

/* Makes the BPF side watch it, once there is one. */
static int target_watch(struct targets *t, struct target *x)
{
	int err;

	if (t->map_fd < 0)
		return 0;
	x->entered_ns = clock_mono_ns();
	err = bpf_map_update_elem(t->map_fd, &x->tgid, &x->entered_ns, BPF_ANY);
	if (err == -E2BIG && !x->unwatched)
		__sync_fetch_and_add(&t->losses[LOSS_TARGETS], 1);
	x->unwatched = err == -E2BIG;
	return x->unwatched ? 0 : err;
}

/*
 * on_exit() removes a process that ends. Left to us is one that had ended before it was entered. A
 * child that on_fork() has entered under the same number since then is another.
 */
static void target_unwatch(struct targets *t, const struct target *x)
{
	u64 entered;

	if (!bpf_map_lookup_elem(t->map_fd, &x->tgid, &entered) && entered == x->entered_ns)
		bpf_map_delete_elem(t->map_fd, &x->tgid);
}

/* As long as there are descriptors to spare: snapshots need some. -1: /proc tells the end. */
static int target_pidfd(u32 tgid)
{
	int fd = (int)syscall(SYS_pidfd_open, tgid, 0);

	if (fd < 0 || fd < sysconf(_SC_OPEN_MAX) - FD_RESERVE)
		return fd;
	close(fd);
	return -1;
}

/* NULL without memory. */
static struct target *target_new(struct targets *t, u32 tgid)
{
	struct target *more, *new;

	if (t->n == t->size) {
		more = realloc(t->list, (t->size * 2 + 8) * sizeof(*more));
		if (!more)
			return NULL;
		t->list = more;
		t->size = t->size * 2 + 8;
	}
	new = &t->list[t->n++];
	memset(new, 0, sizeof(*new));
	new->tgid = tgid;
	new->pidfd = target_pidfd(tgid);
	procinfo_comm(tgid, new->comm, sizeof(new->comm));
	return new;
}

static int target_add(struct targets *t, u32 tgid)
{
	struct target *new;

	if (target_find(t, tgid))
		return 0;
	new = target_new(t, tgid);
	return new ? target_watch(t, new) : -ENOMEM;
}

static enum exit_code add_pids(struct targets *t)
{
	u32 tgid;
	int i;

	for (i = 0; i < t->o->npids; i++) {
		if (!procinfo_alive((u32)t->o->pids[i])) {
			log_error("no process with PID %d: it does not exist or has exited; "
				  "'pgrep -a NAME' lists candidates",
				  t->o->pids[i]);
			return EXIT_TARGET;
		}
		tgid = procinfo_tgid((u32)t->o->pids[i]);
		if (tgid && tgid != (u32)t->o->pids[i]) {
			log_error("-p %d: that is a thread of process %u; give -p %u",
				  t->o->pids[i], tgid, tgid);
			return EXIT_TARGET;
		}
		if (t->o->pids[i] == getpid()) {
			log_error("PID %d is epscope itself, which is never traced; name another",
				  t->o->pids[i]);
			return EXIT_TARGET;
		}
		if (target_add(t, (u32)t->o->pids[i]))
			return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int add_named(struct targets *t)
{
	int n, i, ret = 0;
	u32 *pids;

	n = procinfo_by_name(t->o->name, &pids);
	for (i = 0; i < n && !ret; i++)
		if (pids[i] != (u32)getpid())
			ret = target_add(t, pids[i]);
	free(pids);
	return n < 0 ? n : ret;
}

/* With --follow: the children that are there already, and theirs. */
static int add_children(struct targets *t)
{
	struct proc_parent *all;
	int n, i, ret = 0;
	size_t at;

	n = procinfo_parents(&all);
	for (at = 0; at < t->n && !ret; at++) /* grows while it is walked */
		for (i = 0; i < n && !ret; i++)
			if (all[i].parent == t->list[at].tgid && all[i].tgid != (u32)getpid())
				ret = target_add(t, all[i].tgid);
	free(all);
	return n < 0 ? n : ret;
}

/* PIDs are looked up in /proc: it has to be that of our own PID namespace, which the kernel asks. */
static enum exit_code proc_check(void)
{
	char link[16] = "", self[16];

	snprintf(self, sizeof(self), "%d", getpid());
	if (readlink("/proc/self", link, sizeof(link) - 1) > 0 && !strcmp(link, self))
		return EXIT_OK;
	log_error("/proc is not that of our PID namespace; mount -t proc proc /proc there (unshare "
		  "--mount-proc does), or run epscope outside");
	return EXIT_TARGET;
}

enum exit_code targets_init(struct targets *t, const struct options *o, enum child_output output)
{
	enum exit_code code;

	memset(t, 0, sizeof(*t));
	t->o = o;
	t->map_fd = -1;
	t->child_go = -1;
	code = proc_check();
	if (!code)
		code = add_pids(t);
	if (code)
		return code;
	if (o->name && add_named(t))
		return EXIT_FAILED;
	if (o->follow && add_children(t))
		return EXIT_FAILED;
	if (!o->argv)
		return EXIT_OK;
	t->child = child_start(o->argv, output, &t->child_go);
	if (t->child < 0) {
		log_error("cannot start '%s': %s", o->argv[0], strerror((int)-t->child));
		return EXIT_COMMAND;
	}
	return target_add(t, (u32)t->child) ? EXIT_FAILED : EXIT_OK;
}

int targets_rescan(struct targets *t)
{
	int ret = t->o->name ? add_named(t) : 0;

	return !ret && t->o->follow ? add_children(t) : ret;
}

int targets_attach(struct targets *t, int map_fd, u64 *losses)
{
	size_t i;
	int ret = 0;

	t->map_fd = map_fd;
	t->losses = losses;
	for (i = 0; i < t->n && !ret; i++)
		ret = target_watch(t, &t->list[i]);
	/* Forked or named since we looked; what is from now on is seen in the kernel. */
	return ret ? ret : targets_rescan(t);
}

enum exit_code targets_go(struct targets *t)
{
	int err;

	if (!t->child)
		return EXIT_OK;
	err = child_go(t->child_go);
	t->child_go = -1;
	if (!err)
		return EXIT_OK;
	log_error("cannot start '%s': %s; is it installed and in PATH?", t->o->argv[0],
		  strerror(err));
	return EXIT_COMMAND;
}

static bool target_exited(struct targets *t, struct target *x)
{
	struct pollfd p = { .fd = x->pidfd, .events = POLLIN };

	if ((pid_t)x->tgid == t->child)
		return child_reap(t->child, &t->child);
	if (x->pidfd >= 0)
		return poll(&p, 1, 0) == 1;
	return !procinfo_alive(x->tgid);
}

static int target_tell(struct target *x, record_fn fn, void *ctx)
{
	struct rec_hdr hdr = { .type = REC_TARGET, .len = sizeof(struct rec_target) };
	struct rec_target rec = { .tgid = x->tgid };

	rec.state = x->exited ? TARGET_EXITED : TARGET_RUNNING;
	if (!x->exited) /* exec changes it */
		procinfo_comm(x->tgid, x->comm, sizeof(x->comm));
	memcpy(rec.comm, x->comm, sizeof(rec.comm));
	x->told = true;
	return fn(ctx, &hdr, &rec);
}

/* One that target_enter() has entered: a child, or a process that took the name. */
static int followed_add(struct targets *t, u32 tgid)
{
	u64 entered, still;
	struct target *new;

	if (target_find(t, tgid) || bpf_map_lookup_elem(t->map_fd, &tgid, &entered))
		return 0;
	new = target_new(t, tgid);
	if (!new)
		return -ENOMEM;
	new->entered_ns = entered;
	if (!bpf_map_lookup_elem(t->map_fd, &tgid, &still) && still == entered)
		return 0;
	if (new->pidfd >= 0) /* it has ended meanwhile: that may be of another of that number */
		close(new->pidfd);
	t->n--;
	return 0;
}

static int add_followed(struct targets *t)
{
	u32 key, next;
	bool more = !bpf_map_get_next_key(t->map_fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(t->map_fd, &key, &next);
		if (followed_add(t, key))
			return -ENOMEM;
	}
	return 0;
}

/* Those that have ended and been told of: a name or a fork bomb would pile them up. */
static void drop_exited(struct targets *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->n; i++)
		if (!t->list[i].exited || !(t->list[i].told || t->list[i].unwatched))
			t->list[n++] = t->list[i];
	t->n = n;
}

static void target_ended(struct targets *t, struct target *x)
{
	x->exited = true;
	x->told = false;
	target_unwatch(t, x);
	if (x->pidfd >= 0)
		close(x->pidfd);
	x->pidfd = -1;
}

int targets_update(struct targets *t, record_fn fn, void *ctx)
{
	u64 now = clock_mono_ns();
	bool full = false;
	int ret = 0;
	size_t i;

	if (t->o->name && now >= t->next_scan) {
		t->next_scan = now + SCAN_NS;
		ret = add_named(t);
	}
	if (!ret && (t->o->follow || t->o->name))
		ret = add_followed(t);
	for (i = 0; i < t->n && !ret; i++) {
		struct target *x = &t->list[i];

		if (!x->exited && target_exited(t, x))
			target_ended(t, x);
		if (x->unwatched && !x->exited && !full)
			ret = target_watch(t, x);
		full = full || x->unwatched;
		if (!x->told && !x->unwatched && !ret)
			ret = target_tell(x, fn, ctx);
	}
	drop_exited(t);
	if (!ret && t->o->follow && targets_gone(t))
		ret = add_followed(t); /* forked and left behind since we looked above */
	return ret;
}

bool targets_gone(const struct targets *t)
{
	size_t i;

	if (t->o->name || t->o->all)
		return false;
	for (i = 0; i < t->n; i++)
		if (!t->list[i].exited)
			return false;
	return true;
}

void targets_close(struct targets *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->list[i].pidfd >= 0)
			close(t->list[i].pidfd);
	if (t->child > 0)
		child_end(t->child, t->child_go);
	free(t->list);
	memset(t, 0, sizeof(*t));
	t->map_fd = -1;
}
