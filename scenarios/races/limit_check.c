/*
 * A limit is checked in one step and the count raised in another: two tasks
 * may both pass the check. atomic_add_unless() does both at once.
 */
#include <linux/atomic.h>

#define MAX_OPEN 1

static atomic_t open_count = ATOMIC_INIT(0);

static int device_open(void)
{
	if (!atomic_add_unless(&open_count, 1, MAX_OPEN))
		return -EBUSY;
	return 0;
}

static void device_close(void)
{
	atomic_dec(&open_count);
}

static void use_device(void)
{
	if (device_open() == 0)
		device_close();
}

THREAD(user, use_device, .count = 2);
INVARIANT(atomic_read(&open_count) <= MAX_OPEN);
EXPECT(clean);
