#include <linux/preempt.h>
#include <linux/sched.h>

static void give_way(void)
{
	preempt_disable();
	preempt_enable();
	schedule();
}

THREAD(worker, give_way);
EXPECT(clean);
