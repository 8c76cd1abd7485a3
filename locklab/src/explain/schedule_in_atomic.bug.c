#include <linux/preempt.h>
#include <linux/sched.h>

static void give_way(void)
{
	preempt_disable();
	schedule();
	preempt_enable();
}

THREAD(worker, give_way);
EXPECT(schedule_in_atomic);
