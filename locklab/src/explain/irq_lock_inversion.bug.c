#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/completion.h>

static DEFINE_SPINLOCK(queue_lock);
static DEFINE_SPINLOCK(stats_lock);
static DECLARE_COMPLETION(drained);

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
	complete(&drained);
}

static void show(void)
{
	wait_for_completion(&drained);
	spin_lock(&stats_lock);
	spin_unlock(&stats_lock);
}

CPUS(2);
IRQ(nic, receive, .cpu = 0);
THREAD(drainer, drain, .cpu = 0);
THREAD(reader, show, .cpu = 1);
EXPECT(irq_lock_inversion, irq_lock_order);
