/*
 * A table is made on first use. Between the look without the lock and the
 * lock another task may have made it: without a second look it is made twice,
 * and the first is lost.
 */
#include <linux/mutex.h>
#include <linux/slab.h>

struct table {
	unsigned int size;
};

static DEFINE_MUTEX(table_lock);
static struct table *table;

static struct table *get_table(void)
{
	struct table *t = smp_load_acquire(&table);

	if (t)
		return t;
	mutex_lock(&table_lock);
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		goto unlock;
	t->size = 8;
	smp_store_release(&table, t);
unlock:
	mutex_unlock(&table_lock);
	return t;
}

static void use_table(void)
{
	struct table *t = get_table();

	if (t)
		WARN_ON(t->size != 8);
}

THREAD(user, use_table, .count = 2);
EXPECT(memory_leak);
