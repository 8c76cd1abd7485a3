/*
 * spin_lock_irqsave() is taken to keep interrupts off, and with them everybody else from this CPU's counter.
 * On PREEMPT_RT it does not: another task, with another lock, comes in between.
 */
#include <linux/spinlock.h>
#include <linux/percpu.h>
#include <linux/local_lock.h>

static DEFINE_PER_CPU(int, events);
static DEFINE_PER_CPU(local_lock_t, events_lock) = INIT_LOCAL_LOCK(events_lock);

static void count_rx(void)
{
	unsigned long flags;

	local_lock_irqsave(&events_lock, flags);
	__this_cpu_inc(events);
	local_unlock_irqrestore(&events_lock, flags);
}

static void count_tx(void)
{
	unsigned long flags;

	local_lock_irqsave(&events_lock, flags);
	__this_cpu_inc(events);
	local_unlock_irqrestore(&events_lock, flags);
}

THREAD(rx, count_rx, .cpu = 0);
THREAD(tx, count_tx, .cpu = 0);
FINALLY(per_cpu(events, 0) == 2);
EXPECT(clean);
