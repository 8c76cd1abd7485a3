/*
 * To try a mutex does not sleep, and is forbidden in an interrupt all the same: the mutex would have the interrupted task for its
 * owner. What a handler shares with tasks has a spinlock.
 */
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(stats_lock);
static int packets;

static irqreturn_t count_packet(int irq, void *dev_id)
{
	if (spin_trylock(&stats_lock)) {
		packets++;
		spin_unlock(&stats_lock);
	}
	return IRQ_HANDLED;
}

static void reset_stats(void)
{
	spin_lock_irq(&stats_lock);
	packets = 0;
	spin_unlock_irq(&stats_lock);
}

THREAD(reset, reset_stats);
IRQ(nic, count_packet);
EXPECT(clean);
