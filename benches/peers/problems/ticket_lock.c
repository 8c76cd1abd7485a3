/* N tasks; K times each: draw a ticket, wait until it is served, increment a counter, serve the next. */
#include <linux/atomic.h>

#ifndef N
#define N 6
#endif
#ifndef K
#define K 2
#endif

static atomic_t next = ATOMIC_INIT(0);
static atomic_t owner = ATOMIC_INIT(0);
static u8 counter;

static void increment(void)
{
	int round;

	for (round = 0; round < K; round++) {
		int mine = atomic_fetch_inc(&next);

		while (atomic_read_acquire(&owner) != mine)
			cpu_relax();
		counter++;
		atomic_fetch_inc_release(&owner);
	}
}

CPUS(6);
THREAD(task, increment, .count = N);
FINALLY(counter == N * K);
EXPECT(clean);
