/*
 * complete_all() wakes any number of tasks with interrupts off: PREEMPT_RT allows that in a thread alone. Where one
 * task waits, complete() does.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/module.h>

static DECLARE_COMPLETION(done);

static irqreturn_t dma_interrupt(int irq, void *dev_id)
{
	complete_all(&done);
	return IRQ_HANDLED;
}

static int probe(void)
{
	return request_irq(3, dma_interrupt, IRQF_NO_THREAD, "dma", NULL);
}

static void transfer(void)
{
	wait_for_completion_timeout(&done, HZ);
}

module_init(probe);
RAISES(3, .cpu = 0);
THREAD(transfer, transfer, .cpu = 0);
EXPECT(clean);
EXPECT_IF(CONFIG_PREEMPT_RT, lock_assertion);
