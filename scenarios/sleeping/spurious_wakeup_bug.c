/*
 * schedule() may return though nobody set the condition: a late wake-up for something else, or none at all. Who sleeps once, with
 * an `if`, goes on without the frame. A wait is a loop.
 */
#include <linux/sched.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(frame_wait);
static bool frame;

static void show_frame(void)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&frame_wait, &wait, TASK_UNINTERRUPTIBLE);
	if (!READ_ONCE(frame))
		schedule();
	finish_wait(&frame_wait, &wait);
	BUG_ON(!READ_ONCE(frame));
}

static void capture_frame(void)
{
	WRITE_ONCE(frame, true);
	wake_up(&frame_wait);
}

THREAD(display, show_frame);
THREAD(camera, capture_frame);
KCONFIG(BOUND_SPURIOUS_WAKEUPS, 1);
EXPECT(bug_on);
