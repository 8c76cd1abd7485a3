/*
 * A callback that calls timer_delete_sync() on its own timer waits for itself.
 */
#include <linux/timer.h>

static int misses;

static void heartbeat(struct timer_list *t)
{
	WRITE_ONCE(misses, 1);
	timer_delete_sync(t);
}
static DEFINE_TIMER(beat, heartbeat);

static void start(void)
{
	mod_timer(&beat, jiffies + HZ);
}

THREAD(starter, start);
EXPECT(deadlock, recursive_lock);
