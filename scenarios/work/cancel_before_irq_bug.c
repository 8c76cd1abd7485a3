/*
 * Remove cancels the work and then frees the interrupt, which may queue the work once more in between.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define PHY_IRQ 5

struct phy {
	struct work_struct work;
	int changes;
};

static struct phy *phy;

static void phy_work(struct work_struct *work)
{
	struct phy *phy = container_of(work, struct phy, work);

	phy->changes++;
}

static irqreturn_t phy_irq(int irq, void *data)
{
	struct phy *phy = data;

	schedule_work(&phy->work);
	return IRQ_HANDLED;
}

static int __init phy_probe(void)
{
	phy = kzalloc(sizeof(*phy), GFP_KERNEL);
	if (!phy)
		return -ENOMEM;
	INIT_WORK(&phy->work, phy_work);
	if (request_irq(PHY_IRQ, phy_irq, 0, "phy", phy)) {
		kfree(phy);
		return -EBUSY;
	}
	return 0;
}

static void __exit phy_remove(void)
{
	cancel_work_sync(&phy->work);
	free_irq(PHY_IRQ, phy);
	kfree(phy);
}

module_init(phy_probe);
module_exit(phy_remove);
RAISES(PHY_IRQ);
EXPECT(free_active, use_after_free, unloaded_code);
