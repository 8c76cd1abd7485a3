/*
 * destroy_workqueue() waits for what is queued, not for delayed work whose time has not come: that finds its queue gone.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *scan_wq;
static int scans;

static void scan_fn(struct work_struct *work)
{
	scans++;
}

static DECLARE_DELAYED_WORK(scan_work, scan_fn);

static int __init scan_init(void)
{
	scan_wq = alloc_workqueue("scan", WQ_UNBOUND, 1);
	if (!scan_wq)
		return -ENOMEM;
	queue_delayed_work(scan_wq, &scan_work, HZ);
	return 0;
}

static void __exit scan_exit(void)
{
	cancel_delayed_work_sync(&scan_work);
	destroy_workqueue(scan_wq);
}

module_init(scan_init);
module_exit(scan_exit);
EXPECT(clean);
