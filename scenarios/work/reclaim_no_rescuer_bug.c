/*
 * Reclaim holds the cache's lock and waits for work that writes a page back. The pool's only worker waits for that lock, and memory has run out: no
 * worker can be made. A queue with WQ_MEM_RECLAIM has a rescuer that was made beforehand.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

static struct workqueue_struct *writeback_wq;
static DEFINE_MUTEX(cache_lock);
static int cached, written;

static void write_page(struct work_struct *work)
{
	written++;
}

static DECLARE_WORK(write_work, write_page);

static void grow_cache(struct work_struct *work)
{
	mutex_lock(&cache_lock);
	cached++;
	mutex_unlock(&cache_lock);
}

static DECLARE_WORK(grow_work, grow_cache);

static int __init cache_init(void)
{
	writeback_wq = alloc_workqueue("writeback", 0, 0);
	if (!writeback_wq)
		return -ENOMEM;
	schedule_work_on(0, &grow_work);
	return 0;
}

static void reclaim(void)
{
	mutex_lock(&cache_lock);
	queue_work_on(0, writeback_wq, &write_work);
	flush_work(&write_work);
	mutex_unlock(&cache_lock);
}

module_init(cache_init);
THREAD(kswapd, reclaim, .cpu = 1);
KCONFIG(BOUND_WORKER_FAILURES, 1);
EXPECT(workqueue_lockup);
