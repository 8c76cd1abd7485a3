/*
 * A module waits for its whole workqueue with the mutex held that its work takes.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

static struct workqueue_struct *log_wq;
static DEFINE_MUTEX(log_lock);
static int lines;

static void log_fn(struct work_struct *work)
{
	mutex_lock(&log_lock);
	lines++;
	mutex_unlock(&log_lock);
}

static DECLARE_WORK(log_work, log_fn);

static int __init log_init(void)
{
	log_wq = alloc_workqueue("log", 0, 0);
	if (!log_wq)
		return -ENOMEM;
	queue_work(log_wq, &log_work);
	return 0;
}

static void __exit log_exit(void)
{
	flush_workqueue(log_wq);
	destroy_workqueue(log_wq);
}

module_init(log_init);
module_exit(log_exit);
EXPECT(clean);
