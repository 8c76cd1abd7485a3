/*
 * On PREEMPT_RT handlers are threads, which may take spinlocks; but not one that asks for IRQF_NO_THREAD:
 * that stays a hard interrupt.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(stats_lock);
static int interrupts;

static irqreturn_t timer_interrupt(int irq, void *dev_id)
{
	spin_lock(&stats_lock);
	interrupts++;
	spin_unlock(&stats_lock);
	return IRQ_HANDLED;
}

static int probe(void)
{
	return request_irq(3, timer_interrupt, 0, "timer", NULL);
}

static void show(void)
{
	unsigned long flags;

	spin_lock_irqsave(&stats_lock, flags);
	(void)interrupts;
	spin_unlock_irqrestore(&stats_lock, flags);
}

module_init(probe);
RAISES(3, .cpu = 0);
THREAD(show, show, .cpu = 0);
EXPECT(clean);
