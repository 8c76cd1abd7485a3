/*
 * Two devices share a line, and `dev_id` says whose handler is meant. Remove
 * frees with the wrong one: its own stays registered and runs with memory
 * that is gone.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BRIDGE_IRQ 12

struct port {
	int packets;
};

static struct port *port;
static int bridge;

static irqreturn_t bridge_interrupt(int irq, void *dev_id)
{
	return IRQ_NONE;
}

static irqreturn_t port_interrupt(int irq, void *dev_id)
{
	struct port *p = dev_id;

	p->packets++;
	return IRQ_HANDLED;
}

static int __init bridge_init(void)
{
	int err;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;
	err = request_irq(BRIDGE_IRQ, bridge_interrupt, IRQF_SHARED, "bridge", &bridge);
	if (err)
		goto free;
	err = request_irq(BRIDGE_IRQ, port_interrupt, IRQF_SHARED, "port", port);
	if (err)
		goto release;
	return 0;
release:
	free_irq(BRIDGE_IRQ, &bridge);
free:
	kfree(port);
	return err;
}

static void port_remove(void)
{
	free_irq(BRIDGE_IRQ, port);
	kfree(port);
}

module_init(bridge_init);
THREAD(remove, port_remove);
RAISES(BRIDGE_IRQ, .times = 1);
EXPECT(clean);
