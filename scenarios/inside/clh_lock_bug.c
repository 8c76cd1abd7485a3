/*
 * A CLH lock: each waiter spins on the node of the one before it. A node that is given up is still looked at by the next in the
 * queue, so its owner goes on with that of its predecessor: with its own it would wait behind one that waits for it.
 */
#include <linux/atomic.h>
#include <linux/processor.h>

struct clh_node {
	bool busy;
};

struct clh_user {
	struct clh_node *node, *pred;
};

static struct clh_node nodes[3];
static struct clh_node *tail = &nodes[2];
static struct clh_user users[2] = { { .node = &nodes[0] }, { .node = &nodes[1] } };
static int counter;

static void clh_lock(struct clh_user *user)
{
	WRITE_ONCE(user->node->busy, true);
	user->pred = xchg(&tail, user->node);
	while (smp_load_acquire(&user->pred->busy))
		cpu_relax();
}

static void clh_unlock(struct clh_user *user)
{
	smp_store_release(&user->node->busy, false);
}

static void increment_twice(struct clh_user *user)
{
	int i;

	for (i = 0; i < 2; i++) {
		clh_lock(user);
		counter++;
		clh_unlock(user);
	}
}

THREAD(first, increment_twice, .arg = &users[0]);
THREAD(second, increment_twice, .arg = &users[1]);
FINALLY(counter == 4);
EXPECT(livelock);
