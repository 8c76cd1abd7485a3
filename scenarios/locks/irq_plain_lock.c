/*
 * An interrupt handler and a task share a counter. The task takes the lock
 * with interrupts on, so the handler can arrive on top of it and spin for a
 * lock that only the task beneath it can release.
 */
#include <linux/spinlock.h>
#include <linux/interrupt.h>

static DEFINE_SPINLOCK(stats_lock);
static unsigned long packets;

static irqreturn_t nic_interrupt(int irq, void *dev_id)
{
	spin_lock(&stats_lock);
	packets++;
	spin_unlock(&stats_lock);
	return IRQ_HANDLED;
}

static void read_stats(void)
{
	unsigned long flags;

	spin_lock_irqsave(&stats_lock, flags);
	packets = 0;
	spin_unlock_irqrestore(&stats_lock, flags);
}

THREAD(reader, read_stats, .cpu = 0);
IRQ(nic, nic_interrupt, .times = 1);
EXPECT(clean);
