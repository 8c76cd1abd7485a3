/*
 * ABBA: two tasks take two mutexes in opposite orders, and each sleeps for
 * the one that the other holds.
 */
#include <linux/mutex.h>

static DEFINE_MUTEX(rx_lock);
static DEFINE_MUTEX(tx_lock);
static int rx_queued = 2;
static int tx_queued;

static void forward(void)
{
	mutex_lock(&rx_lock);
	mutex_lock(&tx_lock);
	rx_queued--;
	tx_queued++;
	mutex_unlock(&tx_lock);
	mutex_unlock(&rx_lock);
}

static void send_back(void)
{
	mutex_lock(&tx_lock);
	mutex_lock(&rx_lock);
	tx_queued--;
	rx_queued++;
	mutex_unlock(&rx_lock);
	mutex_unlock(&tx_lock);
}

THREAD(forward, forward);
THREAD(back, send_back);
FINALLY(rx_queued == 2 && tx_queued == 0);
EXPECT(deadlock, lock_order);
