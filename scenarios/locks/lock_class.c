/*
 * A parent and its children are made by one function, so that their locks are of
 * one class, and taking a child's lock under its parent's looks like taking a lock
 * twice. The mended form gives the parents' locks a class of their own.
 */
#include <linux/mutex.h>

struct node {
	struct mutex lock;
	int keys;
};

static struct node parent;
static struct node child;
static struct lock_class_key parent_key;

static void node_init(struct node *node)
{
	mutex_init(&node->lock);
	node->keys = 0;
}

static void tree_init(void)
{
	node_init(&parent);
	node_init(&child);
	lockdep_set_class(&parent.lock, &parent_key);
}

static void split(void)
{
	mutex_lock(&parent.lock);
	mutex_lock(&child.lock);
	parent.keys++;
	child.keys--;
	mutex_unlock(&child.lock);
	mutex_unlock(&parent.lock);
}

INIT(tree_init);
THREAD(splitter, split, .count = 2);
EXPECT(clean);
