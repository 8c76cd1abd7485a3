/*
 * The work queues itself again as long as there is something left. cancel_work() takes it off the queue, but neither waits for
 * the function nor keeps it from queueing itself.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct poller {
	struct work_struct work;
	int left;
};

static struct poller *poller;

static void poll_fn(struct work_struct *work)
{
	struct poller *p = container_of(work, struct poller, work);

	if (--p->left)
		schedule_work(work);
}

static int __init poll_init(void)
{
	poller = kzalloc(sizeof(*poller), GFP_KERNEL);
	if (!poller)
		return -ENOMEM;
	poller->left = 2;
	INIT_WORK(&poller->work, poll_fn);
	schedule_work(&poller->work);
	return 0;
}

static void __exit poll_exit(void)
{
	cancel_work(&poller->work);
	kfree(poller);
}

module_init(poll_init);
module_exit(poll_exit);
EXPECT(free_active, use_after_free, unloaded_code);
