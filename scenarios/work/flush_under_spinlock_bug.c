/*
 * flush_work() sleeps, also where there is nothing to wait for.
 */
#include <linux/spinlock.h>
#include <linux/workqueue.h>

static DEFINE_SPINLOCK(stats_lock);
static int stats;

static void update_fn(struct work_struct *work)
{
	spin_lock(&stats_lock);
	stats++;
	spin_unlock(&stats_lock);
}

static DECLARE_WORK(update_work, update_fn);

static void clear_stats(void)
{
	spin_lock(&stats_lock);
	cancel_work_sync(&update_work);
	stats = 0;
	spin_unlock(&stats_lock);
}

THREAD(user, clear_stats);
EXPECT(sleep_in_atomic);
