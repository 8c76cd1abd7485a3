/*
 * Remove frees the device before it frees the interrupt: the handler may
 * still run, and does not know. What was set up last goes first.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define NIC_IRQ 10

struct nic {
	atomic_t packets;
};

static struct nic *nic;

static irqreturn_t nic_interrupt(int irq, void *dev_id)
{
	struct nic *n = dev_id;

	atomic_inc(&n->packets);
	return IRQ_HANDLED;
}

static int __init nic_init(void)
{
	int err;

	nic = kzalloc(sizeof(*nic), GFP_KERNEL);
	if (!nic)
		return -ENOMEM;
	err = request_irq(NIC_IRQ, nic_interrupt, 0, "nic", nic);
	if (err)
		kfree(nic);
	return err;
}

static void __exit nic_exit(void)
{
	free_irq(NIC_IRQ, nic);
	kfree(nic);
}

module_init(nic_init);
module_exit(nic_exit);
RAISES(NIC_IRQ, .times = 1);
EXPECT(clean);
