/*
 * A helper that waits for readers, called by one of them: the grace period cannot end before the reader does, and the reader waits
 * for it. What is to be freed later is given to kfree_rcu(), which does not wait.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct entry {
	int hits;
	struct list_head node;
	struct rcu_head rcu;
};

static LIST_HEAD(entries);
static DEFINE_SPINLOCK(entries_lock);

static void add_entry(void)
{
	struct entry *e = kzalloc(sizeof(*e), GFP_KERNEL);

	list_add_rcu(&e->node, &entries);
}

static void drop_entry(struct entry *e)
{
	spin_lock(&entries_lock);
	list_del_rcu(&e->node);
	spin_unlock(&entries_lock);
	kfree_rcu(e, rcu);
}

static void expire(void)
{
	struct entry *e;

	rcu_read_lock();
	list_for_each_entry_rcu(e, &entries, node) {
		if (e->hits == 0) {
			drop_entry(e);
			break;
		}
	}
	rcu_read_unlock();
}

INIT(add_entry);
THREAD(gc, expire);
EXPECT(clean);
