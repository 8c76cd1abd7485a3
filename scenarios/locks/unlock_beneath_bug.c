/*
 * Hand over hand: the ring's lock is taken under the device's, which is released
 * first. From then on nothing keeps the handler out, which takes both: it waits for
 * the ring's lock on top of the task that holds it. The mended form keeps
 * interrupts off until both are released.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(dev_lock);
static DEFINE_SPINLOCK(ring_lock);
static int devices;
static int entries;

static void advance(void)
{
	spin_lock_irq(&dev_lock);
	devices++;
	spin_lock(&ring_lock);
	spin_unlock_irq(&dev_lock);
	entries++;
	spin_unlock(&ring_lock);
}

static irqreturn_t receive(int irq, void *dev)
{
	spin_lock(&dev_lock);
	spin_lock(&ring_lock);
	entries++;
	spin_unlock(&ring_lock);
	spin_unlock(&dev_lock);
	return IRQ_HANDLED;
}

CPUS(2);
IRQ(nic, receive);
THREAD(task, advance);
EXPECT(deadlock, irq_unsafe_lock);
