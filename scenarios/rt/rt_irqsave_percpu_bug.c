/*
 * spin_lock_irqsave() is taken to keep interrupts off, and with them everybody else from this CPU's counter.
 * On PREEMPT_RT it does not: another task, with another lock, comes in between.
 */
#include <linux/spinlock.h>
#include <linux/percpu.h>
#include <linux/local_lock.h>

static DEFINE_PER_CPU(int, events);
static DEFINE_SPINLOCK(rx_lock);
static DEFINE_SPINLOCK(tx_lock);

static void count_rx(void)
{
	unsigned long flags;

	spin_lock_irqsave(&rx_lock, flags);
	__this_cpu_inc(events);
	spin_unlock_irqrestore(&rx_lock, flags);
}

static void count_tx(void)
{
	unsigned long flags;

	spin_lock_irqsave(&tx_lock, flags);
	__this_cpu_inc(events);
	spin_unlock_irqrestore(&tx_lock, flags);
}

THREAD(rx, count_rx, .cpu = 0);
THREAD(tx, count_tx, .cpu = 0);
FINALLY(per_cpu(events, 0) == 2);
EXPECT(clean);
EXPECT_IF(CONFIG_PREEMPT_RT, data_race, final_state);
