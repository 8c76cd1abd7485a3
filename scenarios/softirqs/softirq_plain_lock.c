/*
 * A softirq and a task share a list of received packets. The task takes the
 * lock with bottom halves on: the softirq can run on top of it, at the exit of
 * the interrupt that raised it, and spin for a lock that only the task beneath
 * it can release.
 */
#include <linux/spinlock.h>
#include <linux/interrupt.h>

static DEFINE_SPINLOCK(backlog_lock);
static unsigned int backlog;

static void net_rx_action(void)
{
	spin_lock(&backlog_lock);
	backlog++;
	spin_unlock(&backlog_lock);
}

static irqreturn_t nic_interrupt(int irq, void *dev_id)
{
	raise_softirq_irqoff(NET_RX_SOFTIRQ);
	return IRQ_HANDLED;
}

static void drain(void)
{
	spin_lock_bh(&backlog_lock);
	backlog = 0;
	spin_unlock_bh(&backlog_lock);
}

static void net_init(void)
{
	open_softirq(NET_RX_SOFTIRQ, net_rx_action);
}

INIT(net_init);
IRQ(nic, nic_interrupt, .times = 1);
THREAD(reader, drain, .cpu = 0);
EXPECT(clean);
