/*
 * A hand-made wait looks at the condition before it joins the wait queue: a
 * wake-up in between finds nobody, and the waiter sleeps for ever.
 * wait_event() joins first and looks again.
 */
#include <linux/wait.h>
#include <linux/sched.h>

static DECLARE_WAIT_QUEUE_HEAD(ready_wait);
static bool ready;

static void wait_until_ready(void)
{
	DEFINE_WAIT(wait);

	if (!READ_ONCE(ready)) {
		prepare_to_wait(&ready_wait, &wait, TASK_UNINTERRUPTIBLE);
		schedule();
		finish_wait(&ready_wait, &wait);
	}
}

static void become_ready(void)
{
	WRITE_ONCE(ready, true);
	wake_up(&ready_wait);
}

THREAD(waiter, wait_until_ready);
THREAD(waker, become_ready);
EXPECT(hung_task);
