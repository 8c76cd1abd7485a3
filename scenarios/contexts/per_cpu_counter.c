/*
 * A counter for each CPU, found by smp_processor_id(). With preemption on,
 * the task may go on elsewhere with the number of the CPU that it has left.
 */
#include <linux/preempt.h>
#include <linux/smp.h>

static int counters[2];

static void count(void)
{
	preempt_disable();
	counters[smp_processor_id()]++;
	preempt_enable();
}

THREAD(task, count, .count = 2, .cpu = ANY);
FINALLY(counters[0] + counters[1] == 2);
EXPECT(clean);
