/*
 * kthread_destroy_worker() flushes what is queued, stops the thread and frees the worker. An interrupt that still queues work leaves
 * some behind that nobody runs, or queues it on freed memory: what feeds the worker goes first.
 */
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/module.h>

static struct kthread_worker *worker;

static void event_fn(struct kthread_work *work)
{
}

static DEFINE_KTHREAD_WORK(event_work, event_fn);

static irqreturn_t event_interrupt(int irq, void *dev)
{
	kthread_queue_work(worker, &event_work);
	return IRQ_HANDLED;
}

static int __init event_init(void)
{
	int err;

	worker = kthread_create_worker(0, "events");
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	err = request_irq(5, event_interrupt, 0, "events", &event_work);
	if (err)
		kthread_destroy_worker(worker);
	return err;
}

static void __exit event_exit(void)
{
	kthread_destroy_worker(worker);
	free_irq(5, &event_work);
}

module_init(event_init);
module_exit(event_exit);
RAISES(5);
EXPECT(held_lock_freed, use_after_free, warn_on);
