#include <linux/workqueue.h>

static struct workqueue_struct *io_wq, *log_wq;

static void log_work(struct work_struct *work)
{
}

static DECLARE_WORK(log, log_work);

static void write_work(struct work_struct *work)
{
	queue_work(log_wq, &log);
	flush_work(&log);
}

static DECLARE_WORK(write, write_work);

static int start(void)
{
	log_wq = alloc_workqueue("log", WQ_MEM_RECLAIM, 0);
	io_wq = alloc_workqueue("io", WQ_MEM_RECLAIM, 0);
	if (!log_wq || !io_wq)
		return -ENOMEM;
	queue_work(io_wq, &write);
	return 0;
}

module_init(start);
EXPECT(clean);
