/*
 * The thread of a threaded handler is a task: interrupts are on in it. Taking
 * the lock that the primary handler takes without turning them off lets the
 * primary interrupt the thread and spin for ever.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#define LINK_IRQ 10

static DEFINE_SPINLOCK(cause_lock);
static int cause;
static int changes;

static irqreturn_t link_interrupt(int irq, void *dev_id)
{
	spin_lock(&cause_lock);
	cause++;
	spin_unlock(&cause_lock);
	return IRQ_WAKE_THREAD;
}

static irqreturn_t link_thread(int irq, void *dev_id)
{
	spin_lock_irq(&cause_lock);
	changes += cause;
	cause = 0;
	spin_unlock_irq(&cause_lock);
	return IRQ_HANDLED;
}

static int __init link_init(void)
{
	return request_threaded_irq(LINK_IRQ, link_interrupt, link_thread, 0, "link", NULL);
}

module_init(link_init);
RAISES(LINK_IRQ, .times = 2);
EXPECT(clean);
