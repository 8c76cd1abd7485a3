#include <linux/preempt.h>
#include <linux/sched.h>

static bool ready;

static void wait_until_ready(void)
{
	while (!READ_ONCE(ready))
		cond_resched();
}

static void make_ready(void)
{
	WRITE_ONCE(ready, true);
}

THREAD(waiter, wait_until_ready, .cpu = 0);
THREAD(maker, make_ready, .cpu = 0);
EXPECT(clean);
