/*
 * The filter lock, Peterson's for N tasks (Peterson 1981), for ever. With -DSWAPPED a task makes itself the victim before it enters the level, and
 * two get in.
 *
 * What the lock protects is marked too, so that a failed claim and not a data race says that two got in, as in Promela.
 */
#include <linux/compiler.h>
#include <linux/smp.h>

#ifndef N
#define N 3
#endif

static u8 level[N];
static u8 victim[N];
static u8 inside;

static void filter_lock(u8 me)
{
	u8 at, other;

	for (at = 1; at < N; at++) {
#ifdef SWAPPED
		WRITE_ONCE(victim[at], me);
		WRITE_ONCE(level[me], at);
#else
		WRITE_ONCE(level[me], at);
		WRITE_ONCE(victim[at], me);
#endif
		for (other = 0; other < N; other++) {
			if (other == me)
				continue;
			while (READ_ONCE(level[other]) >= at && READ_ONCE(victim[at]) == me)
				cpu_relax();
		}
	}
}

static void visit(void)
{
	u8 me = smp_processor_id();

	for (;;) {
		filter_lock(me);
		WRITE_ONCE(inside, me);
		WARN_ON(READ_ONCE(inside) != me);
		WRITE_ONCE(level[me], 0);
	}
}

CPUS(3);
THREAD(task, visit, .count = N);
#ifdef SWAPPED
EXPECT(warn_on);
#else
EXPECT(clean);
#endif
