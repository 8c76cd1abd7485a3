/*
 * A kernel thread asks kthread_should_stop() before it sets its state: a stop
 * in between is not seen, the thread sleeps, and kthread_stop() waits for it
 * for ever.
 */
#include <linux/kthread.h>
#include <linux/module.h>

static struct task_struct *worker;

static int worker_fn(void *unused)
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

static int __init worker_init(void)
{
	worker = kthread_run(worker_fn, NULL, "worker");
	return PTR_ERR_OR_ZERO(worker);
}

static void __exit worker_exit(void)
{
	kthread_stop(worker);
}

module_init(worker_init);
module_exit(worker_exit);
EXPECT(clean);
