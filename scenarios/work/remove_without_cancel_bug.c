/*
 * The interrupt hands the rest to a work item. Remove frees the interrupt and then the device, with the work still queued, or
 * running.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define NIC_IRQ 5

struct nic {
	struct work_struct work;
	int frames;
};

static struct nic *nic;

static void nic_work(struct work_struct *work)
{
	struct nic *nic = container_of(work, struct nic, work);

	nic->frames++;
}

static irqreturn_t nic_irq(int irq, void *data)
{
	struct nic *nic = data;

	schedule_work(&nic->work);
	return IRQ_HANDLED;
}

static int __init nic_probe(void)
{
	nic = kzalloc(sizeof(*nic), GFP_KERNEL);
	if (!nic)
		return -ENOMEM;
	INIT_WORK(&nic->work, nic_work);
	if (request_irq(NIC_IRQ, nic_irq, 0, "nic", nic)) {
		kfree(nic);
		return -EBUSY;
	}
	return 0;
}

static void __exit nic_remove(void)
{
	free_irq(NIC_IRQ, nic);
	kfree(nic);
}

module_init(nic_probe);
module_exit(nic_remove);
RAISES(NIC_IRQ);
EXPECT(free_active, use_after_free, unloaded_code);
