/*
 * A user copy may fault. Here one may, and the path that hardly ever runs
 * forgets the unlock.
 */
#include <linux/mutex.h>
#include <linux/uaccess.h>

static DEFINE_MUTEX(name_lock);
static char name[8];

static long set_name(const char __user *from)
{
	long ret = 0;

	mutex_lock(&name_lock);
	if (copy_from_user(name, from, sizeof(name))) {
		return -EFAULT;
	}
	name[sizeof(name) - 1] = '\0';
	mutex_unlock(&name_lock);
	return ret;
}

SYSCALL(set_name, set_name);
KCONFIG(BOUND_USER_FAULTS, 1);
EXPECT(lock_leak);
