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

	err = request_irq(NIC_IRQ, nic_interrupt, 0, "nic", NULL);
	if (err)
		return err;
	ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	if (!ring)
		goto free_irq;
	return 0;

free_irq:
	free_irq(NIC_IRQ, NULL);
	return -ENOMEM;
}

module_init(nic_init);
RAISES(NIC_IRQ, .times = 1);
EXPECT(data_race, null_deref);
