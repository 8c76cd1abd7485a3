/*
 * A wait queue has a spinlock_t, which sleeps on PREEMPT_RT: wake_up() cannot be called with a raw spinlock held. A
 * simple wait queue has a raw one.
 */
#include <linux/spinlock.h>
#include <linux/swait.h>
#include <linux/wait.h>

static DEFINE_RAW_SPINLOCK(hw_lock);
static DECLARE_WAIT_QUEUE_HEAD(idle);
static int busy = 1;

static void finish(void)
{
	raw_spin_lock(&hw_lock);
	WRITE_ONCE(busy, 0);
	wake_up(&idle);
	raw_spin_unlock(&hw_lock);
}

static void wait_idle(void)
{
	wait_event(idle, !READ_ONCE(busy));
}

THREAD(finish, finish, .cpu = 0);
THREAD(wait, wait_idle, .cpu = 1);
EXPECT(wait_context);
EXPECT_IF(CONFIG_PREEMPT_RT, sleep_in_atomic);
