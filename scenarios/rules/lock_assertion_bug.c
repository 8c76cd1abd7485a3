/*
 * A helper says that its caller holds the lock, and one caller does not.
 */
#include <linux/spinlock.h>
#include <linux/lockdep.h>

static DEFINE_SPINLOCK(queue_lock);
static int queued;

static void __enqueue(void)
{
	lockdep_assert_held(&queue_lock);
	queued++;
}

static void enqueue(void)
{
	__enqueue();
}

THREAD(enqueue, enqueue);
EXPECT(lock_assertion);
