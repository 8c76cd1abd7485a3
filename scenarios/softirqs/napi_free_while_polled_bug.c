/*
 * napi_disable() returns once the poll function has completed, which is not once it has
 * returned. What it touches after napi_complete_done() is freed too early, unless
 * netif_napi_del() has waited for it.
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#define ADAPTER_IRQ	11

struct adapter {
	struct net_device netdev;
	struct napi_struct napi;
	u32 irq_mask;			/* the device's register */
};

static irqreturn_t rx_interrupt(int irq, void *dev_id)
{
	struct adapter *a = dev_id;

	napi_schedule(&a->napi);
	return IRQ_HANDLED;
}

static int rx_poll(struct napi_struct *n, int budget)
{
	struct adapter *a = container_of(n, struct adapter, napi);

	if (napi_complete_done(n, 0))
		WRITE_ONCE(a->irq_mask, 0);
	return 0;
}

static int run(void)
{
	struct adapter *a = kzalloc(sizeof(*a), GFP_KERNEL);

	if (!a)
		return -ENOMEM;
	netif_napi_add_weight(&a->netdev, &a->napi, rx_poll, 2);
	napi_enable(&a->napi);
	if (!request_irq(ADAPTER_IRQ, rx_interrupt, 0, "adapter", a))
		free_irq(ADAPTER_IRQ, a);
	napi_disable(&a->napi);
	kfree(a);
	return 0;
}

THREAD(driver, run);
RAISES(ADAPTER_IRQ, .times = 1);
EXPECT(use_after_free);
