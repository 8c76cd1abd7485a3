/*
 * probe() starts the poll timer, then finds that its supply has no driver yet and gives -EPROBE_DEFER. What devm gave is freed, with the
 * timer in it armed: a probe that fails must undo what devm does not, and ask for what may be missing first.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timer.h>

struct sensor {
	struct timer_list poll;
	int reading;
};

static bool supply_is_there;

static int supply_probe(struct platform_device *pdev)
{
	WRITE_ONCE(supply_is_there, true);
	return 0;
}

static void sensor_poll(struct timer_list *t)
{
	struct sensor *sensor = from_timer(sensor, t, poll);

	sensor->reading++;
}

static int sensor_probe(struct platform_device *pdev)
{
	struct sensor *sensor;

	sensor = devm_kzalloc(&pdev->dev, sizeof(*sensor), GFP_KERNEL);
	if (!sensor)
		return -ENOMEM;
	timer_setup(&sensor->poll, sensor_poll, 0);
	mod_timer(&sensor->poll, jiffies + HZ);
	if (!READ_ONCE(supply_is_there))
		return -EPROBE_DEFER;
	platform_set_drvdata(pdev, sensor);
	return 0;
}

static void sensor_remove(struct platform_device *pdev)
{
	struct sensor *sensor = platform_get_drvdata(pdev);

	timer_shutdown_sync(&sensor->poll);
}

static struct platform_driver supply_driver = {
	.probe = supply_probe,
	.driver = { .name = "supply" },
};

static struct platform_driver sensor_driver = {
	.probe = sensor_probe,
	.remove = sensor_remove,
	.driver = { .name = "sensor" },
};

static int __init sensor_init(void)
{
	platform_driver_register(&sensor_driver);
	return platform_driver_register(&supply_driver);
}

static void __exit sensor_exit(void)
{
	platform_driver_unregister(&supply_driver);
	platform_driver_unregister(&sensor_driver);
}

module_init(sensor_init);
module_exit(sensor_exit);
PLATFORM_DEVICE(supply0, "supply");
PLATFORM_DEVICE(sensor0, "sensor");
EXPECT(free_active, use_after_free, unloaded_code);
