#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static int events;

static irqreturn_t count(int irq, void *dev)
{
	spin_lock(&lock);
	events++;
	spin_unlock(&lock);
	return IRQ_HANDLED;
}

static void reset(void)
{
	spin_lock_irq(&lock);
	events = 0;
	spin_unlock_irq(&lock);
}

CPUS(2);
IRQ(nic, count, .cpu = 0);
THREAD(task, reset, .cpu = 1);
EXPECT(clean);
