/*
 * local_irq_disable() and spin_lock() is not spin_lock_irq(): on PREEMPT_RT the second leaves interrupts on, as the lock
 * sleeps, and the first two forbid it to.
 */
#include <linux/irqflags.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(fifo_lock);
static int level;

static void drain(void)
{
	spin_lock_irq(&fifo_lock);
	level = 0;
	spin_unlock_irq(&fifo_lock);
}

THREAD(one, drain, .cpu = 0);
THREAD(two, drain, .cpu = 1);
EXPECT(clean);
