/*
 * Sparse's annotation instead of an assertion: __must_hold() on a function is
 * checked when it is entered and left.
 */
#include <linux/mutex.h>

static DEFINE_MUTEX(tree_lock);
static int nodes;

static void insert_node(void) __must_hold(&tree_lock)
{
	nodes++;
}

static void insert(void)
{
	insert_node();
}

THREAD(insert, insert);
EXPECT(lock_assertion);
