/*
 * The init function queues work and fails afterwards: the module is not loaded, its memory is freed, and the work is still queued or
 * running. What init has started it must also stop on its error path.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

static int calibrated;

static void calibrate(struct work_struct *work)
{
	WRITE_ONCE(calibrated, 1);
}
static DECLARE_WORK(calibration, calibrate);

static int register_sensor(void)
{
	return -ENODEV;
}

static int __init sensor_init(void)
{
	int ret;

	schedule_work(&calibration);
	ret = register_sensor();
	if (ret)
		return ret;
	return 0;
}

static void __exit sensor_exit(void)
{
	cancel_work_sync(&calibration);
}

module_init(sensor_init);
module_exit(sensor_exit);
EXPECT(unloaded_code);
