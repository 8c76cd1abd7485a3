/*
 * To try a mutex does not sleep, and is forbidden in an interrupt all the same: the mutex would have the interrupted task for its
 * owner. What a handler shares with tasks has a spinlock.
 */
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

static DEFINE_MUTEX(stats_lock);
static int packets;

static irqreturn_t count_packet(int irq, void *dev_id)
{
	if (mutex_trylock(&stats_lock)) {
		packets++;
		mutex_unlock(&stats_lock);
	}
	return IRQ_HANDLED;
}

static void reset_stats(void)
{
	mutex_lock(&stats_lock);
	packets = 0;
	mutex_unlock(&stats_lock);
}

THREAD(reset, reset_stats);
IRQ(nic, count_packet);
EXPECT(wrong_context);
