/*
 * A timer on the stack of a function that returns without stopping it.
 */
#include <linux/timer.h>
#include <linux/completion.h>

struct timeout {
	struct timer_list timer;
	int passed;
};

static void timed_out(struct timer_list *t)
{
	struct timeout *timeout = from_timer(timeout, t, timer);

	WRITE_ONCE(timeout->passed, 1);
}

static void wait_for_device(void)
{
	struct timeout timeout = { .passed = 0 };

	timer_setup_on_stack(&timeout.timer, timed_out, 0);
	mod_timer(&timeout.timer, jiffies + HZ);
	while (!READ_ONCE(timeout.passed))
		cpu_relax();
	mod_timer(&timeout.timer, jiffies + HZ);
}

THREAD(waiter, wait_for_device, .cpu = 0);
EXPECT(free_active, use_after_free);
