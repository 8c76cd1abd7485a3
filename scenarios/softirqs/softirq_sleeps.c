/*
 * A softirq's action allocates with GFP_KERNEL: a softirq may not sleep, though
 * it runs with interrupts on.
 */
#include <linux/slab.h>
#include <linux/interrupt.h>

static void net_rx_action(void)
{
	char *buffer = kmalloc(64, GFP_ATOMIC);

	kfree(buffer);
}

static void poll_device(void)
{
	raise_softirq(NET_RX_SOFTIRQ);
}

static void net_init(void)
{
	open_softirq(NET_RX_SOFTIRQ, net_rx_action);
}

INIT(net_init);
THREAD(poll, poll_device);
EXPECT(clean);
