/*
 * The code is protected, not the data: one path to the statistics, added
 * later, does not take the lock.
 */
#include <linux/spinlock.h>

#define FRAME 64

static DEFINE_SPINLOCK(stats_lock);
static unsigned long packets;
static unsigned long bytes;

static void receive(void)
{
	spin_lock(&stats_lock);
	packets++;
	bytes += FRAME;
	spin_unlock(&stats_lock);
}

static void clear_stats(void)
{
	spin_lock(&stats_lock);
	packets = 0;
	bytes = 0;
	spin_unlock(&stats_lock);
}

THREAD(receiver, receive);
THREAD(clear, clear_stats);
FINALLY(bytes == packets * FRAME);
EXPECT(clean);
