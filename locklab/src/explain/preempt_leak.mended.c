#include <linux/preempt.h>

static bool idle = true;

static void poll(void)
{
	preempt_disable();
	if (READ_ONCE(idle)) {
		preempt_enable();
		return;
	}
	preempt_enable();
}

THREAD(poller, poll);
EXPECT(clean);
