/*
 * A softirq's action counts packets. It never runs twice on one CPU at once,
 * but it does on two.
 */
#include <linux/spinlock.h>
#include <linux/interrupt.h>

static DEFINE_SPINLOCK(count_lock);
static unsigned int packets;

static void net_rx_action(void)
{
	packets++;
}

static irqreturn_t nic_interrupt(int irq, void *dev_id)
{
	raise_softirq_irqoff(NET_RX_SOFTIRQ);
	return IRQ_HANDLED;
}

static void net_init(void)
{
	open_softirq(NET_RX_SOFTIRQ, net_rx_action);
}

INIT(net_init);
IRQ(rx0, nic_interrupt, .cpu = 0, .times = 1);
IRQ(rx1, nic_interrupt, .cpu = 1, .times = 1);
EXPECT(data_race);
