/*
 * A wait that gives up leaves without finish_wait(): its entry, on the stack of a function that has returned, stays on the queue, and
 * the next wake-up follows it.
 */
#include <linux/sched.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(link_wait);
static bool link_up;

static int wait_for_link(void)
{
	DEFINE_WAIT(wait);
	long left = HZ;

	while (!READ_ONCE(link_up)) {
		prepare_to_wait(&link_wait, &wait, TASK_UNINTERRUPTIBLE);
		if (!READ_ONCE(link_up))
			left = schedule_timeout(left);
		if (!left)
			return -ETIMEDOUT;
	}
	finish_wait(&link_wait, &wait);
	return READ_ONCE(link_up) ? 0 : -ETIMEDOUT;
}

static void link_change(void)
{
	WRITE_ONCE(link_up, true);
	wake_up(&link_wait);
}

THREAD(open, wait_for_link);
THREAD(phy, link_change);
EXPECT(use_after_free);
