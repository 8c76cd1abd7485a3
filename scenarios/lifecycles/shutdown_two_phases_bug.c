/*
 * A device is shut down in two steps: no new request gets in, then those inside are waited for. The other way round one gets in
 * between the wait and the closing of the door, and finds the device without power.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/wait.h>

static bool closing;
static bool powered = true;
static atomic_t inside = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(idle);

static bool enter(void)
{
	atomic_inc(&inside);
	smp_mb__after_atomic();
	return !READ_ONCE(closing);
}

static void leave(void)
{
	if (atomic_dec_and_test(&inside))
		wake_up(&idle);
}

static int request(void)
{
	if (enter())
		WARN_ON(!READ_ONCE(powered));
	leave();
	return 0;
}

static void shut_down(void)
{
	wait_event(idle, !atomic_read(&inside));
	WRITE_ONCE(closing, true);
	WRITE_ONCE(powered, false);
}

SYSCALL(user, request, .count = 2);
THREAD(reboot, shut_down);
EXPECT(warn_on);
