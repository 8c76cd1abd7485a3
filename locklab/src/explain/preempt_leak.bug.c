#include <linux/preempt.h>

static bool idle = true;

static void poll(void)
{
	preempt_disable();
	if (READ_ONCE(idle))
		return;
	preempt_enable();
}

THREAD(poller, poll);
EXPECT(preempt_leak);
