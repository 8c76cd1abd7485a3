/*
 * mutex_trylock() gives 1 when it has taken the mutex, down_trylock() 0 when
 * it has taken the semaphore. Mixed up, the task that got the lock goes away
 * with it.
 */
#include <linux/mutex.h>

static DEFINE_MUTEX(flash_lock);
static int writes;

static long flash_write(void)
{
	if (!mutex_trylock(&flash_lock))
		return -EBUSY;
	writes++;
	mutex_unlock(&flash_lock);
	return 0;
}

SYSCALL(write, flash_write);
EXPECT(clean);
