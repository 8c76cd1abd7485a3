/*
 * A device on a hot-pluggable bus, after the kernel's usb-skeleton: open files keep the driver's object with a kref, disconnect sets a flag
 * under the mutex that all input and output takes. Here disconnect forgets to tell the interrupt's work item: it reports to an object
 * that the last file has freed.
 */
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#define SKEL_IRQ 11

struct skel {
	struct kref kref;
	struct mutex io_mutex;		/* input and output against disconnect */
	bool disconnected;
	struct platform_device *pdev;
	struct work_struct report;
	int reports;
};

/* The object that open() finds: from probe() to remove(). */
static DEFINE_MUTEX(table_mutex);
static struct skel *table;

static void skel_delete(struct kref *kref)
{
	struct skel *dev = container_of(kref, struct skel, kref);

	kfree(dev);
}

static int skel_open(struct inode *inode, struct file *file)
{
	struct skel *dev;
	int ret = -ENODEV;

	mutex_lock(&table_mutex);
	dev = table;
	if (dev) {
		kref_get(&dev->kref);
		file->private_data = dev;
		ret = 0;
	}
	mutex_unlock(&table_mutex);
	return ret;
}

static ssize_t skel_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	struct skel *dev = file->private_data;
	int reports;

	mutex_lock(&dev->io_mutex);
	if (dev->disconnected) {
		mutex_unlock(&dev->io_mutex);
		return -ENODEV;
	}
	/* The device is there, and stays as long as the mutex is held. */
	reports = READ_ONCE(dev->reports) + platform_get_irq(dev->pdev, 0);
	mutex_unlock(&dev->io_mutex);
	return copy_to_user(to, &reports, sizeof(reports)) ? -EFAULT : sizeof(reports);
}

static int skel_release(struct inode *inode, struct file *file)
{
	struct skel *dev = file->private_data;

	kref_put(&dev->kref, skel_delete);
	return 0;
}

static const struct file_operations skel_fops = {
	.owner = THIS_MODULE,
	.open = skel_open,
	.read = skel_read,
	.release = skel_release,
};

static struct miscdevice skel_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "skel",
	.fops = &skel_fops,
};

static void skel_report(struct work_struct *work)
{
	struct skel *dev = container_of(work, struct skel, report);

	WRITE_ONCE(dev->reports, READ_ONCE(dev->reports) + 1);
}

static irqreturn_t skel_irq(int irq, void *data)
{
	struct skel *dev = data;

	schedule_work(&dev->report);
	return IRQ_HANDLED;
}

static int skel_probe(struct platform_device *pdev)
{
	struct skel *dev;
	int ret;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	kref_init(&dev->kref);
	mutex_init(&dev->io_mutex);
	INIT_WORK(&dev->report, skel_report);
	dev->pdev = pdev;
	platform_set_drvdata(pdev, dev);
	ret = request_irq(platform_get_irq(pdev, 0), skel_irq, 0, "skel", dev);
	if (ret)
		goto put;
	mutex_lock(&table_mutex);
	table = dev;
	mutex_unlock(&table_mutex);
	return 0;
put:
	kref_put(&dev->kref, skel_delete);
	return ret;
}

static void skel_remove(struct platform_device *pdev)
{
	struct skel *dev = platform_get_drvdata(pdev);

	/* Nobody finds it any more. */
	mutex_lock(&table_mutex);
	table = NULL;
	mutex_unlock(&table_mutex);
	/* Who has it open gets -ENODEV. */
	mutex_lock(&dev->io_mutex);
	dev->disconnected = true;
	mutex_unlock(&dev->io_mutex);
	free_irq(platform_get_irq(pdev, 0), dev);
	cancel_work_sync(&dev->report);
	kref_put(&dev->kref, skel_delete);
}

static struct platform_driver skel_driver = {
	.probe = skel_probe,
	.remove = skel_remove,
	.driver = { .name = "skel" },
};

static int __init skel_init(void)
{
	int ret;

	ret = platform_driver_register(&skel_driver);
	if (ret)
		return ret;
	ret = misc_register(&skel_misc);
	if (ret)
		platform_driver_unregister(&skel_driver);
	return ret;
}

static void __exit skel_exit(void)
{
	misc_deregister(&skel_misc);
	platform_driver_unregister(&skel_driver);
}

module_init(skel_init);
module_exit(skel_exit);
PLATFORM_DEVICE(skel0, "skel", .irq = SKEL_IRQ, .unplug = 1);
RAISES(SKEL_IRQ);
OPENS(reader, "skel");
EXPECT(clean);
