/*
 * Each entry of a cache has a timer that removes it, and a hit arms it again. The timer may be waiting for the lock already: armed
 * again then, it outlives its entry. mod_timer_pending() arms only what has not expired yet.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

struct entry {
	struct list_head node;
	struct timer_list timer;
};

static LIST_HEAD(cache);
static DEFINE_SPINLOCK(cache_lock);

static void entry_expires(struct timer_list *timer)
{
	struct entry *e = timer_container_of(e, timer, timer);

	spin_lock(&cache_lock);
	list_del(&e->node);
	spin_unlock(&cache_lock);
	kfree(e);
}

static void hit(void)
{
	struct entry *e;

	spin_lock_bh(&cache_lock);
	list_for_each_entry(e, &cache, node)
		mod_timer_pending(&e->timer, jiffies + HZ);
	spin_unlock_bh(&cache_lock);
}

static int __init cache_init(void)
{
	struct entry *e = kzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return -ENOMEM;
	timer_setup(&e->timer, entry_expires, 0);
	list_add(&e->node, &cache);
	mod_timer(&e->timer, jiffies + HZ);
	return 0;
}

module_init(cache_init);
THREAD(lookup, hit);
EXPECT(clean);
