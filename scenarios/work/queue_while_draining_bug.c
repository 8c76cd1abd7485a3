/*
 * A queue that is being destroyed takes no more work but from its own work items: whoever queues must be stopped first.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#define LINE_IRQ 3

static struct workqueue_struct *line_wq;
static int events;

static void line_fn(struct work_struct *work)
{
	events++;
}

static DECLARE_WORK(line_work, line_fn);

static irqreturn_t line_irq(int irq, void *data)
{
	queue_work(line_wq, &line_work);
	return IRQ_HANDLED;
}

static int __init line_init(void)
{
	line_wq = alloc_workqueue("line", 0, 0);
	if (!line_wq)
		return -ENOMEM;
	if (request_irq(LINE_IRQ, line_irq, 0, "line", &events)) {
		destroy_workqueue(line_wq);
		return -EBUSY;
	}
	return 0;
}

static void __exit line_exit(void)
{
	destroy_workqueue(line_wq);
	free_irq(LINE_IRQ, &events);
}

module_init(line_init);
module_exit(line_exit);
RAISES(LINE_IRQ);
EXPECT(use_after_free, warn_on);
