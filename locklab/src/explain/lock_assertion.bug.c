#include <linux/mutex.h>
#include <linux/lockdep.h>

static DEFINE_MUTEX(tree_lock);
static int nodes;

static void insert(void)
{
	lockdep_assert_held(&tree_lock);
	nodes++;
}

static void insert_one(void)
{
	insert();
}

THREAD(inserter, insert_one);
EXPECT(lock_assertion);
