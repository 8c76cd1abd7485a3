/*
 * kthread_park() asks the thread to park, wakes it, and waits until it has. A thread that never asks kthread_should_park() goes back to
 * sleep, and suspending waits for ever.
 */
#include <linux/kthread.h>
#include <linux/module.h>

static struct task_struct *poller;

static int poll_fn(void *unused)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void suspend_and_resume(void)
{
	if (!kthread_park(poller))
		kthread_unpark(poller);
}

static int __init poller_init(void)
{
	poller = kthread_run(poll_fn, NULL, "poller");
	return PTR_ERR_OR_ZERO(poller);
}

module_init(poller_init);
THREAD(suspend, suspend_and_resume);
EXPECT(hung_task);
