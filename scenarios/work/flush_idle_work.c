/*
 * The same order of mutex and work as in flush_under_lock, but the work is always done by the time of the second flush. No
 * execution deadlocks; the lock validator says that one could, as soon as somebody else queues the work.
 */
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(config_lock);
static int applied;

static void apply_fn(struct work_struct *work)
{
	mutex_lock(&config_lock);
	applied++;
	mutex_unlock(&config_lock);
}

static DECLARE_WORK(apply_work, apply_fn);

static void change_config(void)
{
	schedule_work(&apply_work);
	flush_work(&apply_work);
	mutex_lock(&config_lock);
	applied = 0;
	mutex_unlock(&config_lock);
}

THREAD(user, change_config);
EXPECT(clean);
