/*
 * A way out of a function forgets preempt_enable(): the task ends with
 * preemption still off.
 */
#include <linux/preempt.h>
#include <linux/smp.h>

static int slots[2] = { 0, 1 };

static int take_slot(void)
{
	int cpu;

	preempt_disable();
	cpu = smp_processor_id();
	if (!READ_ONCE(slots[cpu])) {
		preempt_enable();
		return -EAGAIN;
	}
	WRITE_ONCE(slots[cpu], 0);
	preempt_enable();
	return 0;
}

static void take(void)
{
	take_slot();
}

THREAD(take, take, .cpu = 0);
EXPECT(clean);
