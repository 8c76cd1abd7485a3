/*
 * Two nested spin_lock_irqsave() with one flags variable: the inner one
 * overwrites what the outer one saved, and the last restore leaves interrupts
 * off for good.
 */
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(dev_lock);
static DEFINE_SPINLOCK(queue_lock);
static int submitted;

static void submit(void)
{
	unsigned long flags;
	unsigned long queue_flags;

	spin_lock_irqsave(&dev_lock, flags);
	spin_lock_irqsave(&queue_lock, queue_flags);
	submitted++;
	spin_unlock_irqrestore(&queue_lock, queue_flags);
	spin_unlock_irqrestore(&dev_lock, flags);
}

THREAD(submit, submit);
EXPECT(clean);
