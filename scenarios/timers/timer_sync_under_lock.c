/*
 * timer_delete_sync() with the lock held that the callback takes: each waits for
 * the other. The lock validator knows it from the order alone, as the timer
 * itself counts for a lock.
 */
#include <linux/spinlock.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(link_lock);
static int link_up = 1;

static void link_timeout(struct timer_list *unused)
{
	spin_lock(&link_lock);
	link_up = 0;
	spin_unlock(&link_lock);
}
static DEFINE_TIMER(link_timer, link_timeout);

static void link_open(void)
{
	mod_timer(&link_timer, jiffies + 2 * HZ);
}

static void link_close(void)
{
	spin_lock_bh(&link_lock);
	link_up = 0;
	spin_unlock_bh(&link_lock);
	timer_delete_sync(&link_timer);
}

INIT(link_open);
THREAD(closer, link_close, .cpu = 0);
EXPECT(clean);
