/*
 * A handler takes a lock that a task holds with interrupts on: it spins for the task beneath it. On PREEMPT_RT the handler is
 * a thread, which sleeps for the lock: there the bug hides.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(ring_lock);
static int entries;

static irqreturn_t receive(int irq, void *dev_id)
{
	spin_lock(&ring_lock);
	entries++;
	spin_unlock(&ring_lock);
	return IRQ_HANDLED;
}

static void drain(void)
{
	spin_lock_irq(&ring_lock);
	entries = 0;
	spin_unlock_irq(&ring_lock);
}

IRQ(nic, receive, .cpu = 0);
THREAD(drainer, drain, .cpu = 0);
EXPECT(clean);
