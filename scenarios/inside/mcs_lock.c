/*
 * An MCS lock: each waiter spins on a node of its own. Who unlocks and sees no successor may find the tail moved on all the same:
 * the successor has joined the queue and not yet said so. Going away then leaves it to spin for ever.
 */
#include <linux/atomic.h>
#include <linux/processor.h>

struct mcs_node {
	struct mcs_node *next;
	bool granted;
};

static struct mcs_node *tail;
static int counter;

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
	struct mcs_node node;

	mcs_lock(&node);
	counter++;
	mcs_unlock(&node);
}

CPUS(3);
THREAD(task, increment, .count = 3);
FINALLY(counter == 3);
EXPECT(clean);
