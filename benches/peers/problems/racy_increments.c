/*
 * N tasks; K times each: load a counter, store it incremented, with no lock. Two is the least that can come of it.
 * -DLOST claims that no increment is lost, which is wrong.
 *
 * The race is meant, so the accesses are marked: a plain counter++ would be a finding in itself, for which Promela has no word.
 */
#include <linux/compiler.h>

#ifndef N
#define N 4
#endif
#ifndef K
#define K 3
#endif

static u8 counter;

static void increment(void)
{
	int round;

	for (round = 0; round < K; round++)
		WRITE_ONCE(counter, READ_ONCE(counter) + 1);
}

CPUS(4);
THREAD(task, increment, .count = N);
#ifdef LOST
FINALLY(counter == N * K);
EXPECT(final_state);
#else
FINALLY(counter >= 2 && counter <= N * K);
REACHABLE(counter == 2);
EXPECT(clean);
#endif
