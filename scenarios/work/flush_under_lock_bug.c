/*
 * The reset work takes the device's mutex; the ioctl waits for the work with that mutex held. If the work comes to its mutex
 * after that, each waits for the other.
 */
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(dev_lock);
static int resets;

static void reset_fn(struct work_struct *work)
{
	mutex_lock(&dev_lock);
	resets++;
	mutex_unlock(&dev_lock);
}

static DECLARE_WORK(reset_work, reset_fn);

static void report_error(void)
{
	schedule_work(&reset_work);
}

static void stop_device(void)
{
	mutex_lock(&dev_lock);
	flush_work(&reset_work);
	mutex_unlock(&dev_lock);
}

THREAD(error, report_error);
THREAD(ioctl, stop_device);
EXPECT(deadlock, lock_order);
