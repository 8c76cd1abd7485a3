/*
 * GFP_ATOMIC does not wait for memory, but the allocator itself has locks, and on PREEMPT_RT these sleep:
 * under a raw_spinlock_t nothing can be allocated, nor freed.
 */
#include <linux/spinlock.h>
#include <linux/slab.h>

static DEFINE_RAW_SPINLOCK(table_lock);
static int *entry;

static void add_entry(void)
{
	int *new;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	raw_spin_lock(&table_lock);
	if (!entry) {
		entry = new;
		new = NULL;
	}
	raw_spin_unlock(&table_lock);
	kfree(new);
}

THREAD(one, add_entry, .cpu = 0);
THREAD(two, add_entry, .cpu = 1);
EXPECT(clean);
