/*
 * Both paths take a lock, but not the same one: each device has its own, and
 * the counter belongs to all of them.
 */
#include <linux/spinlock.h>

struct device_state {
	spinlock_t lock;
	int opens;
};

static struct device_state devices[2] = {
	{ .lock = __SPIN_LOCK_UNLOCKED(devices[0].lock) },
	{ .lock = __SPIN_LOCK_UNLOCKED(devices[1].lock) },
};
static int total_opens;

static void device_open(int i)
{
	struct device_state *dev = &devices[i];

	spin_lock(&dev->lock);
	dev->opens++;
	total_opens++;
	spin_unlock(&dev->lock);
}

THREAD(first, device_open, .arg = 0);
THREAD(second, device_open, .arg = 1);
FINALLY(total_opens == 2);
EXPECT(data_race, final_state);
