/*
 * Entries are freed while the list is walked: the walk asks the freed entry
 * for the next one. list_for_each_entry_safe() has asked before.
 */
#include <linux/list.h>
#include <linux/slab.h>

struct entry {
	struct list_head node;
	int key;
};

static LIST_HEAD(entries);

static void fill(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct entry *e = kmalloc(sizeof(*e), GFP_KERNEL);

		if (!e)
			return;
		e->key = i;
		list_add(&e->node, &entries);
	}
}

static void drop_all(void)
{
	struct entry *e, *next;

	list_for_each_entry_safe(e, next, &entries, node) {
		list_del(&e->node);
		kfree(e);
	}
}

INIT(fill);
THREAD(drop, drop_all);
EXPECT(clean);
