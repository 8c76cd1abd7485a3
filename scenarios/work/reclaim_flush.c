/*
 * Work that writes dirty pages back, on a queue that reclaim relies on, waits for the journal's work, on a queue without a
 * rescuer.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *writeback_wq, *journal_wq;
static int written;

static void journal_fn(struct work_struct *work)
{
	written++;
}

static DECLARE_WORK(journal_work, journal_fn);

static void writeback_fn(struct work_struct *work)
{
	queue_work(journal_wq, &journal_work);
	flush_work(&journal_work);
}

static DECLARE_WORK(writeback_work, writeback_fn);

static int __init writeback_init(void)
{
	journal_wq = alloc_workqueue("journal", WQ_MEM_RECLAIM, 0);
	writeback_wq = alloc_workqueue("writeback", WQ_MEM_RECLAIM, 0);
	if (!journal_wq || !writeback_wq)
		return -ENOMEM;
	queue_work(writeback_wq, &writeback_work);
	return 0;
}

module_init(writeback_init);
EXPECT(clean);
