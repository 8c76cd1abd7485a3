/*
 * A device that has said its last word wants to be rid of its line. The handler cannot do it: free_irq() waits for handlers to end.
 * It only says so, and a work item does the rest.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

static int cookie;
static bool released;

static void release_line(void)
{
	if (!xchg(&released, true))
		free_irq(7, &cookie);
}

static void gone_work_fn(struct work_struct *work)
{
	release_line();
}

static DECLARE_WORK(gone_work, gone_work_fn);

static irqreturn_t device_gone(int irq, void *dev_id)
{
	schedule_work(&gone_work);
	return IRQ_HANDLED;
}

static int __init gone_init(void)
{
	return request_irq(7, device_gone, 0, "gone", &cookie);
}

static void __exit gone_exit(void)
{
	release_line();
	cancel_work_sync(&gone_work);
}

module_init(gone_init);
module_exit(gone_exit);
RAISES(7);
EXPECT(clean);
