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
	local_irq_disable();
	spin_lock(&fifo_lock);
	level = 0;
	spin_unlock(&fifo_lock);
	local_irq_enable();
}

THREAD(one, drain, .cpu = 0);
THREAD(two, drain, .cpu = 1);
EXPECT(clean);
EXPECT_IF(CONFIG_PREEMPT_RT, sleep_in_atomic);
