/* N tasks; K times each: take a spinlock, increment a counter, release the lock. */
#include <linux/spinlock.h>

#ifndef N
#define N 8
#endif
#ifndef K
#define K 3
#endif

static DEFINE_SPINLOCK(lock);
static u8 counter;

static void increment(void)
{
	int round;

	for (round = 0; round < K; round++) {
		spin_lock(&lock);
		counter++;
		spin_unlock(&lock);
	}
}

CPUS(8);
THREAD(task, increment, .count = N);
FINALLY(counter == N * K);
EXPECT(clean);
