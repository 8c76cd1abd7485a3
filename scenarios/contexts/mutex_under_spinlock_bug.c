/*
 * A mutex is taken inside a spinlock: mutex_lock() may sleep, and a sleeper
 * must not hold a spinlock. The mended form takes the sleeping lock outside.
 */
#include <linux/spinlock.h>
#include <linux/mutex.h>

static DEFINE_SPINLOCK(queue_lock);
static DEFINE_MUTEX(config_lock);
static int queue_length = 4;
static int queue_limit = 8;

static void shrink_queue(void)
{
	spin_lock(&queue_lock);
	mutex_lock(&config_lock);
	queue_limit /= 2;
	if (queue_length > queue_limit)
		queue_length = queue_limit;
	mutex_unlock(&config_lock);
	spin_unlock(&queue_lock);
}

THREAD(shrink, shrink_queue);
FINALLY(queue_length <= queue_limit);
EXPECT(wait_context, sleep_in_atomic);
