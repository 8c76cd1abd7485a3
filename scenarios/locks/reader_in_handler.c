/*
 * A handler reads under a lock that a task writes under with interrupts on:
 * it spins for the writer beneath it. Readers need no such care.
 */
#include <linux/spinlock.h>
#include <linux/interrupt.h>

static DEFINE_RWLOCK(filter_lock);
static int filter_mask = 1;
static int passed;

static irqreturn_t receive(int irq, void *dev)
{
	read_lock(&filter_lock);
	if (filter_mask & 1)
		WRITE_ONCE(passed, 1);
	read_unlock(&filter_lock);
	return IRQ_HANDLED;
}

static void set_filter(void)
{
	unsigned long flags;

	write_lock_irqsave(&filter_lock, flags);
	filter_mask = 3;
	write_unlock_irqrestore(&filter_lock, flags);
	WARN_ON(irqs_disabled_flags(flags));
}

static void show_filter(void)
{
	int mask;

	read_lock(&filter_lock);
	mask = filter_mask;
	read_unlock(&filter_lock);
	WARN_ON(mask != 1 && mask != 3);
}

IRQ(nic, receive, .cpu = 0);
THREAD(setter, set_filter, .cpu = 0);
THREAD(viewer, show_filter, .cpu = 1);

REACHABLE(passed == 1);
EXPECT(clean);
