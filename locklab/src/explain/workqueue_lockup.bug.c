#include <linux/mutex.h>
#include <linux/workqueue.h>

static struct workqueue_struct *io_wq;
static DEFINE_MUTEX(lock);

static void write_out(struct work_struct *work)
{
}

static DECLARE_WORK(io, write_out);

static void use_lock(struct work_struct *work)
{
	mutex_lock(&lock);
	mutex_unlock(&lock);
}

static DECLARE_WORK(user, use_lock);

static int start(void)
{
	io_wq = alloc_workqueue("io", 0, 0);
	if (!io_wq)
		return -ENOMEM;
	schedule_work_on(0, &user);
	return 0;
}

static void reclaim(void)
{
	mutex_lock(&lock);
	queue_work_on(0, io_wq, &io);
	flush_work(&io);
	mutex_unlock(&lock);
}

module_init(start);
THREAD(kswapd, reclaim, .cpu = 1);
KCONFIG(BOUND_WORKER_FAILURES, 1);
EXPECT(workqueue_lockup);
