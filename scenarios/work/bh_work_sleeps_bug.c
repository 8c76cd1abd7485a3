/*
 * What is queued on system_bh_wq runs in a softirq, as a tasklet does. A work function
 * that was moved there for its latency may not allocate with GFP_KERNEL any more.
 */
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static void refill_ring(struct work_struct *work)
{
	void *buffer = kmalloc(64, GFP_KERNEL);

	kfree(buffer);
}
static DECLARE_WORK(refill, refill_ring);

static irqreturn_t ring_interrupt(int irq, void *dev_id)
{
	queue_work(system_bh_wq, &refill);
	return IRQ_HANDLED;
}

IRQ(ring, ring_interrupt);
EXPECT(sleep_in_atomic);
