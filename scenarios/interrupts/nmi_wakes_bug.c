/*
 * An NMI's handler must not wake anybody: that takes locks which the code
 * beneath it may hold. It queues irq_work, whose function is called in a hard
 * interrupt as soon as interrupts are on.
 */
#include <linux/irq_work.h>
#include <linux/spinlock.h>

static DEFINE_RAW_SPINLOCK(event_lock);
static int events;

static void tell_reader(struct irq_work *work)
{
	raw_spin_lock(&event_lock);
	events++;
	raw_spin_unlock(&event_lock);
}

static DEFINE_IRQ_WORK(tell_work, tell_reader);

static void counter_overflow(void)
{
	tell_reader(&tell_work);
}

static void read_events(void)
{
	raw_spin_lock_irq(&event_lock);
	events = 0;
	raw_spin_unlock_irq(&event_lock);
}

THREAD(reader, read_events);
NMI(counter, counter_overflow);
EXPECT(deadlock, irq_unsafe_lock);
