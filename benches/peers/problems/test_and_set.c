/* N tasks; K times each: take a lock by exchange in a loop, increment a counter, release the lock. */
#include <linux/atomic.h>

#ifndef N
#define N 8
#endif
#ifndef K
#define K 3
#endif

static u8 lock;
static u8 counter;

static void increment(void)
{
	int round;

	for (round = 0; round < K; round++) {
		while (xchg(&lock, 1))
			cpu_relax();
		counter++;
		smp_store_release(&lock, 0);
	}
}

CPUS(8);
THREAD(task, increment, .count = N);
FINALLY(counter == N * K);
EXPECT(clean);
