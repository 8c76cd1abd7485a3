/*
 * A fault handler takes the device's lock with mmap_lock held; a read copies
 * to user space, and may fault, with the device's lock held.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

static DEFINE_MUTEX(device_mutex);
static int level;
static int __user *buffer;

static void device_mmap(void)
{
	mmap_write_lock(current->mm);
	mutex_lock(&device_mutex);
	level++;
	mutex_unlock(&device_mutex);
	mmap_write_unlock(current->mm);
}

static void device_read(void)
{
	int now;

	mutex_lock(&device_mutex);
	now = level;
	if (copy_to_user(buffer, &now, sizeof(now)))
		now = 0;
	mutex_unlock(&device_mutex);
}

SYSCALL(mapper, device_mmap);
SYSCALL(reader, device_read);
EXPECT(deadlock, lock_order);
