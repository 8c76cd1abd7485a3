/*
 * kthread_park() waits until the thread has parked, and the thread parks only between two rounds. With the mutex held that a round
 * takes, both wait for each other.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(ring_lock);
static struct task_struct *poller;
static int rounds;

static int poll_fn(void *unused)
{
	while (!kthread_should_stop()) {
		mutex_lock(&ring_lock);
		rounds++;
		mutex_unlock(&ring_lock);
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_park())
			kthread_parkme();
		else
			schedule();
	}
	return 0;
}

static void reset(void)
{
	kthread_park(poller);
	mutex_lock(&ring_lock);
	rounds = 0;
	mutex_unlock(&ring_lock);
	kthread_unpark(poller);
}

static int __init poller_init(void)
{
	poller = kthread_run(poll_fn, NULL, "poller");
	return PTR_ERR_OR_ZERO(poller);
}

module_init(poller_init);
THREAD(reset, reset);
EXPECT(clean);
