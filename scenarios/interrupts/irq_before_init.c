/*
 * The interrupt is requested before what its handler needs is there: the
 * device may raise it at once.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define NIC_IRQ 10

struct ring {
	unsigned int head;
};

static struct ring *ring;

static irqreturn_t nic_interrupt(int irq, void *dev_id)
{
	ring->head++;
	return IRQ_HANDLED;
}

static int __init nic_init(void)
{
	int err;

	ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	err = request_irq(NIC_IRQ, nic_interrupt, 0, "nic", NULL);
	if (err)
		kfree(ring);
	return err;
}

module_init(nic_init);
RAISES(NIC_IRQ, .times = 1);
EXPECT(clean);
