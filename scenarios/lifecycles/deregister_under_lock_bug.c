/*
 * open() is called with misc_mtx held, and takes the driver's mutex. remove() calls misc_deregister(), which takes misc_mtx, with that
 * mutex held.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>

static DEFINE_MUTEX(lamp_mutex);
static bool lit;

static int lamp_open(struct inode *inode, struct file *file)
{
	mutex_lock(&lamp_mutex);
	lit = true;
	mutex_unlock(&lamp_mutex);
	return 0;
}

static const struct file_operations lamp_fops = {
	.owner = THIS_MODULE,
	.open = lamp_open,
};

static struct miscdevice lamp_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lamp",
	.fops = &lamp_fops,
};

static int lamp_probe(struct platform_device *pdev)
{
	return misc_register(&lamp_misc);
}

static void lamp_remove(struct platform_device *pdev)
{
	mutex_lock(&lamp_mutex);
	misc_deregister(&lamp_misc);
	lit = false;
	mutex_unlock(&lamp_mutex);
}

static struct platform_driver lamp_driver = {
	.probe = lamp_probe,
	.remove = lamp_remove,
	.driver = { .name = "lamp" },
};
module_platform_driver(lamp_driver);

PLATFORM_DEVICE(lamp0, "lamp", .unplug = 1);
OPENS(user, "lamp");
EXPECT(deadlock, lock_order);
