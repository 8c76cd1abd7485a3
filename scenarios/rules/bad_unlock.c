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
		goto out;
	}
	mutex_lock(&ring_lock);
	ring_size = size;
	mutex_unlock(&ring_lock);
out:
	return err;
}

SYSCALL(resize, resize_ring, .arg = 0);
SYSCALL(valid, resize_ring, .arg = 32);
EXPECT(clean);
