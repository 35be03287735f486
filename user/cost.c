/* SPDX-License-Identifier: GPL-2.0 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>
#include "clock.h"
#include "cost.h"

/* A window per row of `stat`. */
#define PERIOD_NS 1000000000ULL
#define WINDOW_NS 25000000ULL

void cost_init(struct cost *c, const struct session *s)
{
	*c = (struct cost){ .s = s, .fd = -1 };
}

void cost_begin(struct cost *c)
{
	c->total.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void cost_record(struct cost *c, const struct rec_hdr *hdr)
{
	c->total.bytes += sizeof(*hdr) + hdr->len;
	c->total.events += hdr->type == REC_EVENT;
}

/* Run by what it hooks. The others run inside our own calls, and are in our CPU time. */
static bool is_hooked(const struct bpf_program *prog)
{
	return bpf_program__fd(prog) >= 0 && !session_is_ask(prog) &&
	       bpf_program__expected_attach_type(prog) != BPF_TRACE_ITER;
}

/*
 * Totals of all programs that may be hooked, now or on demand: one that is not does not count. Returns
 * whether the kernel told.
 */
static bool programs_read(const struct session *s, u64 *ns, u64 *runs)
{
	struct bpf_program *prog;

	*ns = *runs = 0;
	bpf_object__for_each_program(prog, s->skel->obj)
	{
		struct bpf_prog_info info = { 0 };
		u32 len = sizeof(info);

		if (!is_hooked(prog))
			continue;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			return false;
		*ns += info.run_time_ns;
		*runs += info.run_cnt;
	}
	return true;
}

/* Read before it is switched on, and after it is off: nothing of the window is left out. */
static void window_open(struct cost *c, u64 now)
{
	c->opened_ns = now;
	if (!programs_read(c->s, &c->from_bpf_ns, &c->from_runs))
		return;
	c->from_ns = clock_mono_ns();
	c->fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
}

void cost_close(struct cost *c)
{
	u64 now, ns, runs;

	if (c->fd < 0)
		return;
	close(c->fd);
	c->fd = -1;
	now = clock_mono_ns();
	if (!programs_read(c->s, &ns, &runs))
		return;
	c->total.bpf_ns += ns - c->from_bpf_ns;
	c->total.bpf_runs += runs - c->from_runs;
	c->total.accounted_ns += now - c->from_ns;
}

void cost_tend(struct cost *c, u64 now)
{
	if (now < c->next_ns)
		return;
	if (c->fd >= 0) {
		cost_close(c);
		/* On a grid, so that each interval of so long has one. */
		c->next_ns = c->opened_ns + PERIOD_NS;
		return;
	}
	window_open(c, now - c->next_ns < PERIOD_NS ? c->next_ns : now);
	c->next_ns = c->fd < 0 ? now + PERIOD_NS : c->from_ns + WINDOW_NS;
}

void cost_read(const struct cost *c, struct rec_cost *out)
{
	*out = c->total;
	out->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - c->total.cpu_ns;
}
