/*
 * The driver's data comes from devm_kzalloc(), so it goes when the device is unplugged. Whoever has the file open then still uses it: the
 * data needs a life of its own, with a reference for the device and one for each open file.
 */
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct meter {
	struct kref kref;
	struct miscdevice misc;
	int value;
};

static void meter_free(struct kref *kref)
{
	kfree(container_of(kref, struct meter, kref));
}

static int meter_open(struct inode *inode, struct file *file)
{
	struct meter *meter = container_of(file->private_data, struct meter, misc);

	kref_get(&meter->kref);
	file->private_data = meter;
	return 0;
}

static ssize_t meter_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	struct meter *meter = file->private_data;

	return copy_to_user(to, &meter->value, sizeof(meter->value)) ? -EFAULT : 0;
}

static int meter_release(struct inode *inode, struct file *file)
{
	struct meter *meter = file->private_data;

	kref_put(&meter->kref, meter_free);
	return 0;
}

static const struct file_operations meter_fops = {
	.owner = THIS_MODULE,
	.open = meter_open,
	.read = meter_read,
	.release = meter_release,
};

static int meter_probe(struct platform_device *pdev)
{
	struct meter *meter;

	meter = devm_kzalloc(&pdev->dev, sizeof(*meter), GFP_KERNEL);
	if (!meter)
		return -ENOMEM;
	kref_init(&meter->kref);
	meter->misc.minor = MISC_DYNAMIC_MINOR;
	meter->misc.name = "meter";
	meter->misc.fops = &meter_fops;
	platform_set_drvdata(pdev, meter);
	return misc_register(&meter->misc);
}

static void meter_remove(struct platform_device *pdev)
{
	struct meter *meter = platform_get_drvdata(pdev);

	misc_deregister(&meter->misc);
	kref_put(&meter->kref, meter_free);
}

static struct platform_driver meter_driver = {
	.probe = meter_probe,
	.remove = meter_remove,
	.driver = { .name = "meter" },
};
module_platform_driver(meter_driver);

PLATFORM_DEVICE(meter0, "meter", .unplug = 1);
OPENS(reader, "meter");
EXPECT(use_after_free, double_free, hung_task);
