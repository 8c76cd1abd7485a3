/*
 * A producer and a consumer share a buffer of one slot. The wake-up must come
 * after the change that it tells of: a producer woken too early sees a full
 * buffer, sleeps again, and nobody wakes it a second time.
 */
#include <linux/spinlock.h>
#include <linux/wait.h>

#define ITEMS 2

static DEFINE_SPINLOCK(buffer_lock);
static DECLARE_WAIT_QUEUE_HEAD(not_full);
static DECLARE_WAIT_QUEUE_HEAD(not_empty);
static bool full;
static int slot;

static void put(int item)
{
	wait_event(not_full, !READ_ONCE(full));
	spin_lock(&buffer_lock);
	slot = item;
	WRITE_ONCE(full, true);
	spin_unlock(&buffer_lock);
	wake_up(&not_empty);
}

static int take(void)
{
	int item;

	wait_event(not_empty, READ_ONCE(full));
	spin_lock(&buffer_lock);
	item = slot;
	WRITE_ONCE(full, false);
	spin_unlock(&buffer_lock);
	wake_up(&not_full);
	return item;
}

static void producer(void)
{
	int i;

	for (i = 0; i < ITEMS; i++)
		put(i);
}

static void consumer(void)
{
	int i;

	for (i = 0; i < ITEMS; i++)
		WARN_ON(take() != i);
}

THREAD(producer, producer);
THREAD(consumer, consumer);
EXPECT(clean);
