/*
 * "A softirq is not preempted, and with interrupts off none begins": so a task shares a counter with a tasklet. On PREEMPT_RT
 * the tasklet runs in a thread, and the task finds it in the middle. With bottom halves off it does not, on any kernel.
 */
#include <linux/interrupt.h>

static int packets;

static void count_packets(struct tasklet_struct *t)
{
	packets++;
}

static DECLARE_TASKLET(counter, count_packets);

static void add_packet(void)
{
	tasklet_schedule(&counter);
	local_irq_disable();
	packets++;
	local_irq_enable();
}

THREAD(task, add_packet, .cpu = 0);
EXPECT(clean);
EXPECT_IF(CONFIG_PREEMPT_RT, data_race);
