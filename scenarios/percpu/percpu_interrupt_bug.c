/*
 * With preemption off no task comes in between, but an interrupt does: __this_cpu_inc() reads, adds and writes, and what
 * the handler has counted meanwhile is lost. this_cpu_inc() is one instruction.
 */
#include <linux/interrupt.h>
#include <linux/percpu.h>

static DEFINE_PER_CPU(unsigned int, events);
static bool handled;

static irqreturn_t handle_event(int irq, void *dev_id)
{
	this_cpu_inc(events);
	handled = true;
	return IRQ_HANDLED;
}

static void submit(void)
{
	preempt_disable();
	__this_cpu_inc(events);
	preempt_enable();
}

THREAD(submitter, submit, .cpu = 0);
IRQ(device, handle_event, .cpu = 0);
FINALLY(per_cpu(events, 0) == 1 + handled);
EXPECT(data_race, final_state);
