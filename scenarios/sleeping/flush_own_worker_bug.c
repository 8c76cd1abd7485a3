/*
 * kthread_flush_worker() waits until the worker has come to a work item of its own, behind all others. Called by a work function of
 * that worker it waits for itself.
 */
#include <linux/kthread.h>
#include <linux/module.h>

static struct kthread_worker *worker;
static int sent;

static void send_fn(struct kthread_work *work)
{
	WRITE_ONCE(sent, 1);
	kthread_flush_worker(worker);
}

static DEFINE_KTHREAD_WORK(send_work, send_fn);

static int __init sender_init(void)
{
	worker = kthread_create_worker(0, "sender");
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	kthread_queue_work(worker, &send_work);
	return 0;
}

static void __exit sender_exit(void)
{
	kthread_destroy_worker(worker);
}

module_init(sender_init);
module_exit(sender_exit);
EXPECT(hung_task);
