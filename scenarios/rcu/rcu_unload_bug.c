/*
 * The module takes its table away and leaves. The callback that frees the table is code of the module: it must have run
 * before that is gone, and only rcu_barrier() waits for it.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct table {
	int entries[4];
	struct rcu_head rcu;
};

static struct table __rcu *table;

static void free_table(struct rcu_head *head)
{
	kfree(container_of(head, struct table, rcu));
}

static void look_up(void)
{
	struct table *t;

	rcu_read_lock();
	t = rcu_dereference(table);
	if (t)
		WARN_ON(t->entries[0]);
	rcu_read_unlock();
}

static int __init table_init(void)
{
	struct table *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	rcu_assign_pointer(table, t);
	return 0;
}

static void __exit table_exit(void)
{
	struct table *t = rcu_replace_pointer(table, NULL, true);

	call_rcu(&t->rcu, free_table);
}

module_init(table_init);
module_exit(table_exit);
THREAD(reader, look_up);
EXPECT(unloaded_code);
