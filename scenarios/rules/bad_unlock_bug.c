/*
 * An error that is found before the lock is taken leaves through the label
 * that unlocks it.
 */
#include <linux/mutex.h>

static DEFINE_MUTEX(ring_lock);
static unsigned int ring_size = 16;

static long resize_ring(unsigned int size)
{
	long err = 0;

	if (!size) {
		err = -EINVAL;
		goto unlock;
	}
	mutex_lock(&ring_lock);
	ring_size = size;
unlock:
	mutex_unlock(&ring_lock);
	return err;
}

SYSCALL(resize, resize_ring, .arg = 0);
SYSCALL(valid, resize_ring, .arg = 32);
EXPECT(bad_unlock);
