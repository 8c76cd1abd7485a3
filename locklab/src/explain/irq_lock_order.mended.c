#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(queue_lock);
static DEFINE_SPINLOCK(stats_lock);

static irqreturn_t receive(int irq, void *dev)
{
	spin_lock(&queue_lock);
	spin_unlock(&queue_lock);
	return IRQ_HANDLED;
}

static void drain(void)
{
	spin_lock_irq(&queue_lock);
	spin_lock(&stats_lock);
	spin_unlock(&stats_lock);
	spin_unlock_irq(&queue_lock);
}

static void show(void)
{
	spin_lock_irq(&stats_lock);
	spin_unlock_irq(&stats_lock);
}

CPUS(2);
IRQ(nic, receive, .cpu = 0);
THREAD(drainer, drain, .cpu = 0);
THREAD(reader, show, .cpu = 1);
EXPECT(clean);
