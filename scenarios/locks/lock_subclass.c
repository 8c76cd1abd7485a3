/*
 * Parent and child have locks of one class, and the parent's is always taken
 * first. lockdep_set_subclass() tells the validator which is which.
 */
#include <linux/spinlock.h>

struct node {
	spinlock_t lock;
	int uses;
};

static struct node parent, child;

static void init_node(struct node *node, int depth)
{
	spin_lock_init(&node->lock);
	lockdep_set_subclass(&node->lock, depth);
	node->uses = depth;
}

static void set_up(void)
{
	init_node(&parent, 0);
	init_node(&child, 1);
}

static void visit(void)
{
	spin_lock(&parent.lock);
	spin_lock(&child.lock);
	parent.uses++;
	child.uses++;
	spin_unlock(&child.lock);
	spin_unlock(&parent.lock);
}

INIT(set_up);
THREAD(first, visit);
THREAD(second, visit);

FINALLY(parent.uses == 2 && child.uses == 3);
EXPECT(clean);
