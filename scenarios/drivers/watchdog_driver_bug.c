/*
 * A watchdog: the card must be told every second that the system lives. A delayed work item does that and arms itself again
 * while the watchdog is on. Stopping turns it off and cancels the work, but does not wait for one that runs: that one arms the work
 * once more, and finds the card gone.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct watchdog {
	struct delayed_work ping;
	struct mutex lock;		/* on, pings */
	bool on;
	int pings;
};

static struct watchdog *wd;

static void watchdog_ping(struct work_struct *work)
{
	struct watchdog *w = container_of(to_delayed_work(work), struct watchdog, ping);
	bool on;

	mutex_lock(&w->lock);
	on = w->on;
	if (on)
		w->pings++;
	mutex_unlock(&w->lock);
	if (on)
		schedule_delayed_work(&w->ping, HZ);
}

static int __init watchdog_probe(void)
{
	wd = kzalloc(sizeof(*wd), GFP_KERNEL);
	if (!wd)
		return -ENOMEM;
	mutex_init(&wd->lock);
	INIT_DELAYED_WORK(&wd->ping, watchdog_ping);
	wd->on = true;
	schedule_delayed_work(&wd->ping, HZ);
	return 0;
}

static void watchdog_stop(struct watchdog *w)
{
	mutex_lock(&w->lock);
	w->on = false;
	mutex_unlock(&w->lock);
	cancel_delayed_work(&w->ping);
}

static void __exit watchdog_remove(void)
{
	watchdog_stop(wd);
	kfree(wd);
}

module_init(watchdog_probe);
module_exit(watchdog_remove);
KCONFIG(BOUND_REQUEUES, 1);
EXPECT(held_lock_freed, use_after_free, free_active, unloaded_code);
