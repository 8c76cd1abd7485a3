/*
 * schedule() with preemption disabled: "scheduling while atomic". The mended
 * form ends the section first.
 */
#include <linux/preempt.h>
#include <linux/sched.h>

static int budget = 1;

static void poll_once(void)
{
	bool tired;

	preempt_disable();
	budget--;
	tired = budget == 0;
	preempt_enable();
	if (tired)
		schedule();
}

THREAD(poll, poll_once);
EXPECT(clean);
