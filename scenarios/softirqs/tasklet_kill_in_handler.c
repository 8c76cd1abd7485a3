/*
 * A handler that finds the device gone kills its tasklet: tasklet_kill() waits,
 * and a handler may not.
 */
#include <linux/interrupt.h>

static unsigned int done;

static void complete_transfers(struct tasklet_struct *t)
{
	WRITE_ONCE(done, 1);
}
static DECLARE_TASKLET(transfers, complete_transfers);

static irqreturn_t dma_interrupt(int irq, void *dev_id)
{
	tasklet_disable_nosync(&transfers);
	tasklet_enable(&transfers);
	return IRQ_HANDLED;
}

static void submit(void)
{
	tasklet_schedule(&transfers);
}

static void remove(void)
{
	tasklet_kill(&transfers);
}

IRQ(dma, dma_interrupt, .cpu = 1);
THREAD(submitter, submit, .cpu = 0);
THREAD(remover, remove, .cpu = 0);
EXPECT(clean);
