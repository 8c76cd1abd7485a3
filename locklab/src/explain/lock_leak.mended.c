#include <linux/mutex.h>

static DEFINE_MUTEX(lock);
static int users = 1;

static long set_mode(void)
{
	mutex_lock(&lock);
	if (users > 0) {
		mutex_unlock(&lock);
		return -EBUSY;
	}
	users++;
	mutex_unlock(&lock);
	return 0;
}

SYSCALL(setter, set_mode);
EXPECT(clean);
