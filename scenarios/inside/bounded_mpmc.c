/*
 * A ring for many producers: a place is claimed by one exchange of the index, and a number in the slot says when it is filled.
 * A consumer that goes by the index alone takes what has been claimed and not yet written.
 */
#include <linux/atomic.h>
#include <linux/sched.h>

#define SIZE 2

struct slot {
	unsigned int filled;	/* the round in which it was, from 1 */
	int item;
};

static struct slot ring[SIZE];
static atomic_t in = ATOMIC_INIT(0);
static int sum;

static void produce(int item)
{
	unsigned int place = atomic_fetch_inc(&in);
	struct slot *slot = &ring[place % SIZE];

	WRITE_ONCE(slot->item, item);
	smp_store_release(&slot->filled, place / SIZE + 1);
}

static void consume(void)
{
	unsigned int out;

	for (out = 0; out < 2; out++) {
		struct slot *slot = &ring[out % SIZE];

		while (smp_load_acquire(&slot->filled) != out / SIZE + 1)
			cond_resched();
		sum += READ_ONCE(slot->item);
	}
}

CPUS(3);
THREAD(first, produce, .arg = 1);
THREAD(second, produce, .arg = 2);
THREAD(consumer, consume);
FINALLY(sum == 3);
EXPECT(clean);
