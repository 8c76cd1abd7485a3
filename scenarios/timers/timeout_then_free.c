/*
 * A driver polls for the end of a transfer, for a second at most. When it gives up
 * it frees what the interrupt handler still writes to: late is not never.
 */
#include <linux/slab.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>

struct transfer {
	int done;
};

static irqreturn_t transfer_interrupt(int irq, void *dev_id)
{
	struct transfer *transfer = dev_id;

	WRITE_ONCE(transfer->done, 1);
	return IRQ_HANDLED;
}

static void run_transfer(void)
{
	struct transfer *transfer = kzalloc(sizeof(*transfer), GFP_KERNEL);
	unsigned long deadline = jiffies + HZ;

	if (!transfer)
		return;
	if (request_irq(9, transfer_interrupt, 0, "dma", transfer)) {
		kfree(transfer);
		return;
	}
	while (!READ_ONCE(transfer->done)) {
		if (time_after(jiffies, deadline))
			break;
		cpu_relax();
	}
	free_irq(9, transfer);
	kfree(transfer);
}

RAISES(9, .times = 1);
THREAD(driver, run_transfer, .cpu = 0);
EXPECT(clean);
