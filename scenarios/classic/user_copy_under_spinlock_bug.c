/*
 * A spinlock is held across copy_to_user(): the copy may fault and sleep,
 * with preemption off. The mended form takes a snapshot under the lock and
 * copies that.
 */
#include <linux/spinlock.h>
#include <linux/uaccess.h>

struct stats {
	u64 packets;
	u64 bytes;
};

static DEFINE_SPINLOCK(stats_lock);
static struct stats stats;

static void receive(void)
{
	spin_lock(&stats_lock);
	stats.packets++;
	stats.bytes += 64;
	spin_unlock(&stats_lock);
}

static long read_stats(struct stats __user *to)
{
	long err = 0;

	spin_lock(&stats_lock);
	if (copy_to_user(to, &stats, sizeof(stats)))
		err = -EFAULT;
	spin_unlock(&stats_lock);
	return err;
}

THREAD(receiver, receive);
SYSCALL(read, read_stats);
EXPECT(sleep_in_atomic);
