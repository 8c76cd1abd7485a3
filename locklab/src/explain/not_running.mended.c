#include <linux/mutex.h>
#include <linux/sched.h>

static DEFINE_MUTEX(lock);

static void nap(void)
{
	mutex_lock(&lock);
	mutex_unlock(&lock);
	set_current_state(TASK_INTERRUPTIBLE);
	__set_current_state(TASK_RUNNING);
}

THREAD(napper, nap);
EXPECT(clean);
