/*
 * A ring with one producer and one consumer, and no lock: each of them owns an index. The consumer gives a slot back by moving its
 * index on, and may not look at it after that: the producer is free to fill it again.
 */
#include <linux/compiler.h>
#include <linux/sched.h>

#define SIZE 2

static int ring[SIZE];
static unsigned int in, out;

static void produce(void)
{
	int i;

	for (i = 1; i <= 3; i++) {
		while (in - smp_load_acquire(&out) == SIZE)
			cond_resched();
		ring[in % SIZE] = i;
		smp_store_release(&in, in + 1);
	}
}

static void consume(void)
{
	int i, item;

	for (i = 1; i <= 3; i++) {
		while (smp_load_acquire(&in) == out)
			cond_resched();
		smp_store_release(&out, out + 1);
		item = ring[(i - 1) % SIZE];
		WARN_ON(item != i);
	}
}

THREAD(producer, produce);
THREAD(consumer, consume);
EXPECT(data_race, warn_on);
