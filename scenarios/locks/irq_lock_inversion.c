/*
 * No task takes a lock that a handler takes with interrupts on, and still an
 * interrupt deadlocks: one CPU holds the list lock and is interrupted by a
 * handler that wants the device lock; the other holds the device lock and
 * wants the list lock.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(list_lock);
static DEFINE_SPINLOCK(dev_lock);
static int entries;
static int events;

static irqreturn_t dev_interrupt(int irq, void *dev_id)
{
	spin_lock(&dev_lock);
	events++;
	spin_unlock(&dev_lock);
	return IRQ_HANDLED;
}

static void add_entry(void)
{
	spin_lock_irq(&list_lock);
	entries++;
	spin_unlock_irq(&list_lock);
}

static void move_events(void)
{
	spin_lock_irq(&dev_lock);
	spin_lock(&list_lock);
	entries += events;
	events = 0;
	spin_unlock(&list_lock);
	spin_unlock_irq(&dev_lock);
}

THREAD(add, add_entry);
THREAD(move, move_events);
IRQ(dev, dev_interrupt, .times = 1);
EXPECT(clean);
