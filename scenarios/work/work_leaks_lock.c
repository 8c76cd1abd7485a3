/*
 * An early return from a work function leaves the mutex with a worker that goes on to other people's work.
 */
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(table_lock);
static int entries;

static void trim_fn(struct work_struct *work)
{
	mutex_lock(&table_lock);
	if (entries)
		entries--;
	mutex_unlock(&table_lock);
}

static DECLARE_WORK(trim_work, trim_fn);

static void trim(void)
{
	schedule_work(&trim_work);
}

THREAD(user, trim);
EXPECT(clean);
