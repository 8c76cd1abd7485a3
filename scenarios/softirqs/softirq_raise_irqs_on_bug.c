/*
 * raise_softirq_irqoff() with interrupts on: an interrupt can come in the middle
 * of its update of the pending mask, and nobody wakes ksoftirqd.
 */
#include <linux/interrupt.h>

static unsigned int sent;

static void net_tx_action(void)
{
	WRITE_ONCE(sent, 1);
}

static void transmit(void)
{
	raise_softirq_irqoff(NET_TX_SOFTIRQ);
}

static void net_init(void)
{
	open_softirq(NET_TX_SOFTIRQ, net_tx_action);
}

INIT(net_init);
THREAD(sender, transmit);
FINALLY(sent == 1);
EXPECT(lock_assertion);
