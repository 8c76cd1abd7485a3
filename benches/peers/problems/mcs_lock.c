/* The lock of Mellor-Crummey and Scott (1991): N tasks; K times each: queue up, increment a counter, pass the lock on. */
#include <linux/atomic.h>
#include <linux/smp.h>

#ifndef N
#define N 4
#endif
#ifndef K
#define K 2
#endif

struct mcs_node {
	struct mcs_node *next;
	bool granted;
};

static struct mcs_node nodes[N];
static struct mcs_node *tail;
static u8 counter;

static void mcs_lock(struct mcs_node *node)
{
	struct mcs_node *prev;

	node->next = NULL;
	node->granted = false;
	prev = xchg(&tail, node);
	if (!prev)
		return;
	WRITE_ONCE(prev->next, node);
	while (!smp_load_acquire(&node->granted))
		cpu_relax();
}

static void mcs_unlock(struct mcs_node *node)
{
	struct mcs_node *next = READ_ONCE(node->next);

	if (!next) {
		if (cmpxchg_release(&tail, node, NULL) == node)
			return;
		while (!(next = READ_ONCE(node->next)))
			cpu_relax();
	}
	smp_store_release(&next->granted, true);
}

static void increment(void)
{
	struct mcs_node *node = &nodes[smp_processor_id()];
	int round;

	for (round = 0; round < K; round++) {
		mcs_lock(node);
		counter++;
		mcs_unlock(node);
	}
}

CPUS(4);
THREAD(task, increment, .count = N);
FINALLY(counter == N * K);
EXPECT(clean);
