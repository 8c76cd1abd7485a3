/*
 * wake_up_interruptible() wakes only those who sleep interruptibly. wait_event() does not: it sleeps on, with its condition true.
 */
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(idle_wait);
static bool idle;

static void wait_until_idle(void)
{
	wait_event(idle_wait, READ_ONCE(idle));
}

static void become_idle(void)
{
	WRITE_ONCE(idle, true);
	wake_up_interruptible(&idle_wait);
}

THREAD(waiter, wait_until_idle);
THREAD(device, become_idle);
EXPECT(hung_task);
