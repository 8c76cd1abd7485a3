/*
 * A test-and-set lock with backoff: a waiter looks, and waits longer each time it was too late. That the lock looks free is only a
 * reason to try again: another may have seen the same.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/minmax.h>

#define MAX_DELAY 4

static atomic_t taken = ATOMIC_INIT(0);
static int counter;

static void backoff_lock(void)
{
	int delay = 1;

	while (atomic_xchg_acquire(&taken, 1)) {
		do {
			udelay(delay);
			delay = min(2 * delay, MAX_DELAY);
		} while (atomic_read(&taken));
		break;
	}
}

static void backoff_unlock(void)
{
	atomic_set_release(&taken, 0);
}

static void increment(void)
{
	backoff_lock();
	counter++;
	backoff_unlock();
}

CPUS(3);
THREAD(task, increment, .count = 3);
FINALLY(counter == 3);
EXPECT(data_race, final_state);
