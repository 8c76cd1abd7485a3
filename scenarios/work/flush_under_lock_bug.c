/*
 * The reset work takes the device's mutex; the ioctl waits for the work with that mutex held. If the work comes to its mutex
 * after that, each waits for the other.
 */
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(device_lock);
static int resets;

static void reset_fn(struct work_struct *work)
{
	mutex_lock(&device_lock);
	resets++;
	mutex_unlock(&device_lock);
}

static DECLARE_WORK(reset_work, reset_fn);

static void report_error(void)
{
	schedule_work(&reset_work);
}

static void stop_device(void)
{
	mutex_lock(&device_lock);
	flush_work(&reset_work);
	mutex_unlock(&device_lock);
}

THREAD(error, report_error);
THREAD(ioctl, stop_device);
EXPECT(deadlock, lock_order);
