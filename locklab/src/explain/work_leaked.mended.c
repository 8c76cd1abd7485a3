#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(lock);
static bool ready;

static void update(struct work_struct *work)
{
	mutex_lock(&lock);
	if (!ready) {
		mutex_unlock(&lock);
		return;
	}
	mutex_unlock(&lock);
}

static DECLARE_WORK(work, update);

static void start(void)
{
	schedule_work(&work);
}

THREAD(user, start);
EXPECT(clean);
