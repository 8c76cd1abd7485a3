/*
 * smp_call_function_single() waits until the other CPU has taken an interrupt. The other CPU spins for the lock with its
 * interrupts off, and the lock is held here.
 */
#include <linux/smp.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(table_lock);
static int table, copies[2];

static void copy_table(void *to)
{
	*(int *)to = READ_ONCE(table);
}

static void update(void)
{
	spin_lock_irq(&table_lock);
	WRITE_ONCE(table, 1);
	spin_unlock_irq(&table_lock);
	smp_call_function_single(1, copy_table, &copies[1], 1);
}

static void touch(void)
{
	spin_lock_irq(&table_lock);
	WRITE_ONCE(table, table + 2);
	spin_unlock_irq(&table_lock);
}

THREAD(updater, update, .cpu = 0);
THREAD(other, touch, .cpu = 1);
EXPECT(clean);
