/*
 * A raw_spinlock_t turns preemption off on every kernel, and on PREEMPT_RT a spinlock_t sleeps: who
 * takes the one under the other sleeps where it must not. Elsewhere only lockdep minds.
 */
#include <linux/spinlock.h>

static DEFINE_RAW_SPINLOCK(hw_lock);
static DEFINE_SPINLOCK(queue_lock);
static int queued;

static void submit(void)
{
	raw_spin_lock(&hw_lock);
	spin_lock(&queue_lock);
	queued++;
	spin_unlock(&queue_lock);
	raw_spin_unlock(&hw_lock);
}

THREAD(one, submit, .cpu = 0);
THREAD(two, submit, .cpu = 1);
EXPECT(wait_context);
EXPECT_IF(CONFIG_PREEMPT_RT, sleep_in_atomic);
