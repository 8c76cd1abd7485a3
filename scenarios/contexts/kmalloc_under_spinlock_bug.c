/*
 * kmalloc(GFP_KERNEL) under a spinlock: the allocation may sleep to reclaim
 * memory, with preemption off. Under a spinlock only GFP_ATOMIC will do.
 */
#include <linux/spinlock.h>
#include <linux/slab.h>
#include <linux/list.h>

struct entry {
	struct list_head node;
	int key;
};

static DEFINE_SPINLOCK(table_lock);
static LIST_HEAD(table);

static int table_insert(int key)
{
	struct entry *e;

	spin_lock(&table_lock);
	e = kmalloc(sizeof(*e), GFP_KERNEL);
	if (!e) {
		spin_unlock(&table_lock);
		return -ENOMEM;
	}
	e->key = key;
	list_add(&e->node, &table);
	spin_unlock(&table_lock);
	return 0;
}

static void insert(void)
{
	table_insert(1);
}

THREAD(insert, insert);
EXPECT(sleep_in_atomic);
