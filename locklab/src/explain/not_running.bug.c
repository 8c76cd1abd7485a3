#include <linux/mutex.h>
#include <linux/sched.h>

static DEFINE_MUTEX(lock);

static void nap(void)
{
	set_current_state(TASK_INTERRUPTIBLE);
	mutex_lock(&lock);
	mutex_unlock(&lock);
	__set_current_state(TASK_RUNNING);
}

THREAD(napper, nap);
EXPECT(not_running);
