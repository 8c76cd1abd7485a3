/*
 * An error path leaves by the wrong label, past the unlock: the system call
 * returns to user space with the mutex held.
 */
#include <linux/mutex.h>

#define MAX_MTU 1500

static DEFINE_MUTEX(config_lock);
static unsigned int mtu = MAX_MTU;

static long set_mtu(unsigned int value)
{
	long err = 0;

	mutex_lock(&config_lock);
	if (value > MAX_MTU) {
		err = -EINVAL;
		goto out;
	}
	mtu = value;
	mutex_unlock(&config_lock);
out:
	return err;
}

SYSCALL(set_mtu, set_mtu, .arg = 9000);
EXPECT(lock_leak);
