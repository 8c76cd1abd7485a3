/*
 * kthread_stop() with a mutex held that the thread takes: the stopper waits
 * for the thread to end, the thread for the mutex.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(pool_lock);
static struct task_struct *scrubber;
static int pages = 1;

static int scrub(void *unused)
{
	mutex_lock(&pool_lock);
	pages = 0;
	mutex_unlock(&pool_lock);

	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int __init pool_init(void)
{
	scrubber = kthread_run(scrub, NULL, "scrubber");
	return PTR_ERR_OR_ZERO(scrubber);
}

static void __exit pool_exit(void)
{
	kthread_stop(scrubber);
	mutex_lock(&pool_lock);
	pages = 0;
	mutex_unlock(&pool_lock);
}

module_init(pool_init);
module_exit(pool_exit);
EXPECT(clean);
