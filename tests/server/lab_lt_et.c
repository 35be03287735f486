/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same traffic into two pipes, one watched level-triggered, one edge-triggered. Each round 2 KB
 * arrive and the reader takes 1 KB and waits again: LT returns at once, ET has nothing to say until
 * something new arrives.
 */
#include <unistd.h>

#include "lab.h"

#define KB 1024

static int64_t rounds = 50;

/* One round on one pipe. Returns whether the wait after the half read returned an event. */
static bool half_read(int epfd, int fds[2])
{
	bool again;

	lab_write(fds[1], 2 * KB);
	if (!lab_wait_one(epfd, 1000))
		die("no event for new data");
	lab_read(fds[0], KB);
	again = lab_wait_one(epfd, 0) != 0;
	lab_read(fds[0], KB);
	if (lab_wait_one(epfd, 0))
		die("an event, and the pipe is empty");
	return again;
}

static int64_t mode_run(const char *name, uint32_t flags)
{
	int epfd = lab_epoll(name), fds[2];
	int64_t again = 0;

	lab_pipe(fds);
	lab_add(epfd, fds[0], EPOLLIN | flags);
	for (int64_t i = 0; i < rounds; i++) {
		again += half_read(epfd, fds);
		lab_pace();
	}
	lab_say("%s: %d rounds of 2 KB in, 1 KB out; the wait after that returned %d times", name,
		(int)rounds, (int)again);
	return again;
}

int main(int argc, char **argv)
{
	const struct opt own[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "of 2 KB each", 1, 10000 },
		{ .name = NULL },
	};

	lab_init("LT and ET on the same traffic: 2 KB arrive, 1 KB is read, then wait again.", own,
		 argc, argv);
	lab_number("rounds", rounds);
	lab_number("lt_again", mode_run("lt", 0));
	/* Broken: what should be edge-triggered is not. */
	lab_number("et_again", mode_run("et", lab_broken ? 0 : EPOLLET));
	lab_hold();
	lab_done();
	return 0;
}
