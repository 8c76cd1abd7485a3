/*
 * vfree() may sleep, unlike kfree(): the table is taken out under the
 * spinlock, and freed behind it.
 */
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

static DEFINE_SPINLOCK(table_lock);
static int *table;

static void table_init(void)
{
	table = vzalloc(4 * sizeof(*table));
}

static void table_drop(void)
{
	int *old;

	spin_lock(&table_lock);
	old = table;
	table = NULL;
	vfree(old);
	spin_unlock(&table_lock);
}

INIT(table_init);
THREAD(drop, table_drop);
EXPECT(sleep_in_atomic);
