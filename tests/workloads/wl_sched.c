/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Known run queue delays. The waiter may only run where the waker does, and only when nobody else
 * wants to (SCHED_IDLE): the waker writes, keeps the processor for a while, and then goes to sleep.
 * Until then the waiter was woken, but not running. With --hold-ms its way back is as long, too: it is
 * stopped where it copies the event out.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#include "bounds.h"
#include "held_page.h"
#include "wl.h"

static int64_t rounds = 20, busy_ms = 5, hold_ms;

static int epfd, fd;
static _Atomic pid_t waiter_tid;
static _Atomic int64_t entered; /* rounds */
static sem_t done;
static int64_t back; /* when the waiter had returned */
static int64_t known_rounds;
static struct epoll_event *array; /* with --hold-ms: on the held page */

static struct bounds sched = { .name = "sched" };
static struct bounds ret = { .name = "return" };
static struct bounds both = { .name = "woken_to_return" };

static void *waiter_run(void *arg)
{
	const struct sched_param none = { 0 };
	struct epoll_event ev, *events = array ? array : &ev;

	(void)arg;
	if (sched_setscheduler(0, SCHED_IDLE, &none))
		die_errno("cannot become SCHED_IDLE");
	waiter_tid = gettid();
	for (int64_t i = 1; i <= rounds; i++) {
		entered = i;
		if (wl_wait(epfd, events, 1, -1) != 1)
			die("epoll_wait did not return the event");
		back = now_ns();
		if (!wl_eventfd_read(fd))
			die("the event is not there");
		sem_post(&done);
	}
	return NULL;
}

/* Stops the waiter while it copies out. Returns for how long it was so at least. */
static int64_t waiter_hold(void)
{
	int64_t begin;

	if (!array)
		return 0;
	held_page_await();
	begin = now_ns();
	sleep_ns(hold_ms * NS_PER_MS);
	begin = now_ns() - begin;
	held_page_give();
	return begin;
}

/* Nobody else may run here, if we may ask for that: SCHED_IDLE alone gets some time all the same. */
static void processor_keep(bool keep)
{
	const struct sched_param first = { .sched_priority = keep };

	if (sched_setscheduler(0, keep ? SCHED_FIFO : SCHED_OTHER, &first) && errno != EPERM)
		die_errno("cannot change how we are scheduled");
}

/*
 * If the waiter had not run at all when the waker let go of their processor, all of its way back lies
 * after that; else nothing is known of when it ran.
 */
static void round_run(int64_t round)
{
	int64_t before_write, after_write, let_go, held;
	long preempted;
	bool known;

	while (entered != round)
		sleep_ns(50 * NS_PER_US);
	wl_await_sleep(waiter_tid);
	preempted = wl_preempted(waiter_tid);
	processor_keep(true);
	before_write = now_ns();
	wl_eventfd_write(fd);
	after_write = now_ns();
	burn_ns(busy_ms * NS_PER_MS);
	let_go = now_ns();
	known = wl_preempted(waiter_tid) == preempted && !(array && held_page_touched());
	processor_keep(false);
	held = waiter_hold();
	while (sem_wait(&done))
		;
	if (array)
		held_page_take_back();
	known = known && back > let_go;
	known_rounds += known;
	bounds_add(&sched, known ? let_go - after_write : 0, back - before_write);
	bounds_add(&ret, held, back - (known ? let_go : before_write));
	bounds_add(&both, known ? let_go - after_write : 0, back - before_write);
}

static void cpu_pin(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		die_errno("cannot stay on one processor");
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "rounds", OPT_NUM, &rounds, "N", "wakeups", 1, 1000000 },
		{ "busy-ms", OPT_NUM, &busy_ms, "MS", "from the wakeup until the waiter may run", 0,
		  1000 },
		{ "hold-ms", OPT_NUM, &hold_ms, "MS", "stop it on its way back; needs root", 0,
		  1000 },
		{ .name = NULL },
	};
	size_t page_size;
	uint64_t n;
	pthread_t waiter;

	wl_init("Known delays from woken to running, and from there to the return.",
		"  wl_sched --rounds 20 --busy-ms 5\n", opts, argc, argv);
	n = (uint64_t)rounds;
	if (hold_ms)
		array = held_page_open(&page_size);
	wl_setup();
	epfd = wl_epoll_open();
	fd = wl_eventfd();
	wl_ctl_must(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | (uint32_t)EPOLLET);
	wl_go(&epfd, 1);
	cpu_pin();
	sem_init(&done, 0, 0);
	if (pthread_create(&waiter, NULL, waiter_run, NULL))
		die("cannot start a thread");
	for (int64_t i = 1; i <= rounds; i++)
		round_run(i);
	pthread_join(waiter, NULL);
	if (!known_rounds)
		die("not known of any round when the waiter ran");
	bounds_say(&sched);
	bounds_say(&ret);
	bounds_say(&both);
	wl_add(WL_CALLBACKS, 2 * n);
	wl_add(WL_CB_READY, n);
	wl_add(WL_CB_IGNORED, n);
	wl_add(WL_PUT_BACK, 0);
	wl_add(WL_WOKEN, n);
	wl_add(WL_WASTED, 0);
	wl_publish();
	wl_epoll_close(epfd, 1);
	return 0;
}
