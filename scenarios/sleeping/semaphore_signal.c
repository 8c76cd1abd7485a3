/*
 * down_interruptible() can fail: a signal ends the wait without the
 * semaphore. Whoever does not look at the result goes on without a channel,
 * and gives back one that it never had.
 */
#include <linux/semaphore.h>
#include <linux/atomic.h>

#define CHANNELS 1

static DEFINE_SEMAPHORE(channels, CHANNELS);
static atomic_t transfers = ATOMIC_INIT(0);

static long transfer(void)
{
	if (down_interruptible(&channels))
		return -ERESTARTSYS;
	atomic_inc(&transfers);
	atomic_dec(&transfers);
	up(&channels);
	return 0;
}

SYSCALL(transfer, transfer, .count = 2, .signals = 1);
INVARIANT(atomic_read(&transfers) <= CHANNELS);
EXPECT(clean);
