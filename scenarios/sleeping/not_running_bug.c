/*
 * The condition of a wait_event() takes a mutex: the task is already marked
 * as sleeping when it blocks there. A condition must not sleep.
 */
#include <linux/mutex.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(jobs_wait);
static DEFINE_MUTEX(jobs_lock);
static int jobs;

static bool have_jobs(void)
{
	bool some;

	mutex_lock(&jobs_lock);
	some = jobs > 0;
	mutex_unlock(&jobs_lock);
	return some;
}

static void wait_for_job(void)
{
	wait_event(jobs_wait, have_jobs());
}

static void add_job(void)
{
	mutex_lock(&jobs_lock);
	WRITE_ONCE(jobs, jobs + 1);
	mutex_unlock(&jobs_lock);
	wake_up(&jobs_wait);
}

THREAD(waiter, wait_for_job);
THREAD(adder, add_job);
EXPECT(not_running);
