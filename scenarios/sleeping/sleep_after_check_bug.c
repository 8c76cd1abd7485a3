/*
 * set_current_state() must come before the look at the condition: in the
 * other order wake_up_process() may find the task still running, do nothing,
 * and the task then goes to sleep.
 */
#include <linux/sched.h>

static struct task_struct *sleeper;
static bool event;

static void sleep_until_event(void)
{
	WRITE_ONCE(sleeper, current);
	for (;;) {
		if (READ_ONCE(event))
			break;
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void raise_event(void)
{
	struct task_struct *task;

	WRITE_ONCE(event, true);
	task = READ_ONCE(sleeper);
	if (task)
		wake_up_process(task);
}

THREAD(sleeper, sleep_until_event);
THREAD(waker, raise_event);
EXPECT(hung_task);
