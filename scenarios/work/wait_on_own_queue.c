/*
 * One work item waits for another of the same queue, which runs one at a time: the second can only begin when the first has ended.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *fw_wq;
static bool loaded;

static void load_fn(struct work_struct *work)
{
	loaded = true;
}

static DECLARE_WORK(load_work, load_fn);

static void start_fn(struct work_struct *work)
{
	queue_work(fw_wq, &load_work);
	flush_work(&load_work);
	BUG_ON(!loaded);
}

static DECLARE_WORK(start_work, start_fn);

static int __init fw_init(void)
{
	fw_wq = alloc_workqueue("fw", 0, 0);
	if (!fw_wq)
		return -ENOMEM;
	queue_work(fw_wq, &start_work);
	return 0;
}

module_init(fw_init);
EXPECT(clean);
