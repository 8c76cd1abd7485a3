/*
 * A timer ages the entries of a cache. A task looks one up with bottom halves on:
 * the timer can expire on top of it and spin for the lock that it holds.
 */
#include <linux/spinlock.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(cache_lock);
static unsigned int age;

static void age_cache(struct timer_list *unused)
{
	spin_lock(&cache_lock);
	age++;
	spin_unlock(&cache_lock);
}
static DEFINE_TIMER(age_timer, age_cache);

static void look_up(void)
{
	mod_timer(&age_timer, jiffies + HZ);
	spin_lock_bh(&cache_lock);
	age = 0;
	spin_unlock_bh(&cache_lock);
}

THREAD(reader, look_up, .cpu = 0);
EXPECT(clean);
