/*
 * The file operations name no owner, so an open file keeps no reference to the module: it may be unloaded between open() and read(), or
 * while either runs. .owner = THIS_MODULE keeps it as long as a file is open.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

static atomic_t readers;

static int dice_open(struct inode *inode, struct file *file)
{
	atomic_inc(&readers);
	return 0;
}

static ssize_t dice_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	char face = '4';

	return copy_to_user(to, &face, 1) ? -EFAULT : 1;
}

static int dice_release(struct inode *inode, struct file *file)
{
	atomic_dec(&readers);
	return 0;
}

static const struct file_operations dice_fops = {
	.owner = THIS_MODULE,
	.open = dice_open,
	.read = dice_read,
	.release = dice_release,
};

static struct miscdevice dice = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dice",
	.fops = &dice_fops,
};

static int __init dice_init(void)
{
	return misc_register(&dice);
}

static void __exit dice_exit(void)
{
	misc_deregister(&dice);
}

module_init(dice_init);
module_exit(dice_exit);
OPENS(player, "dice");
FINALLY(atomic_read(&readers) == 0);
EXPECT(clean);
