/*
 * A network card, as a sketch for review: the interrupt leaves receiving to NAPI and
 * masks itself meanwhile, what was sent is freed there too, and a full transmit ring
 * stops the queue. The bug is that the ring may have been emptied just before that.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/etherdevice.h>
#include <linux/slab.h>

#define NIC_IRQ		11
#define NIC_WEIGHT	2
#define NIC_TX_RING	1		/* a power of two */
#define NIC_PACKETS	2

struct nic {
	struct net_device *dev;
	struct napi_struct napi;
	u32 irq_mask;			/* a register: 1 keeps the device from interrupting */
	unsigned int head;		/* packets given to the device, by nic_xmit() */
	unsigned int tail;		/* of which freed, by nic_poll() */
	struct sk_buff *ring[NIC_TX_RING];
};

static struct net_device *netdev;

/* The device's registers: packets sent since it began, and received but not fetched. */
static unsigned int nic_sent;
static atomic_t nic_received;

static unsigned int nic_tx_room(struct nic *nic)
{
	return NIC_TX_RING - (smp_load_acquire(&nic->head) - smp_load_acquire(&nic->tail));
}

/* The line is level-triggered: what comes while it is masked raises it again. */
static irqreturn_t nic_interrupt(int irq, void *dev_id)
{
	struct nic *nic = dev_id;

	/* What the device has done by now. */
	WRITE_ONCE(nic_sent, smp_load_acquire(&nic->head));
	atomic_inc(&nic_received);

	if (READ_ONCE(nic->irq_mask))
		return IRQ_NONE;
	if (napi_schedule_prep(&nic->napi)) {
		WRITE_ONCE(nic->irq_mask, 1);
		__napi_schedule_irqoff(&nic->napi);
	}
	return IRQ_HANDLED;
}

static netdev_tx_t nic_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	if (!nic_tx_room(nic)) {
		netif_stop_queue(dev);
		return NETDEV_TX_BUSY;
	}
	nic->ring[nic->head % NIC_TX_RING] = skb;
	smp_store_release(&nic->head, nic->head + 1);

	if (!nic_tx_room(nic))
		netif_stop_queue(dev);
	return NETDEV_TX_OK;
}

static void nic_free_one(struct nic *nic)
{
	dev_consume_skb_any(nic->ring[nic->tail % NIC_TX_RING]);
	smp_store_release(&nic->tail, nic->tail + 1);
}

static void nic_clean_tx(struct nic *nic)
{
	unsigned int sent = READ_ONCE(nic_sent);

	while (nic->tail != sent)
		nic_free_one(nic);
	smp_mb();
	if (netif_queue_stopped(nic->dev) && nic_tx_room(nic))
		netif_wake_queue(nic->dev);
}

static int nic_receive(struct nic *nic, int budget)
{
	struct sk_buff *skb;
	int done = 0;

	while (done < budget && atomic_add_unless(&nic_received, -1, 0)) {
		skb = napi_alloc_skb(&nic->napi, 64);
		if (!skb)
			break;
		napi_gro_receive(&nic->napi, skb);
		done++;
	}
	return done;
}

static int nic_poll(struct napi_struct *napi, int budget)
{
	struct nic *nic = container_of(napi, struct nic, napi);
	int done;

	nic_clean_tx(nic);
	done = nic_receive(nic, budget);
	if (done < budget && napi_complete_done(napi, done))
		WRITE_ONCE(nic->irq_mask, 0);
	return done;
}

static int nic_open(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);
	int err;

	napi_enable(&nic->napi);
	err = request_irq(NIC_IRQ, nic_interrupt, 0, "nic", nic);
	if (err)
		napi_disable(&nic->napi);
	else
		netif_start_queue(dev);
	return err;
}

static void nic_stop(struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	free_irq(NIC_IRQ, nic);
	napi_disable(&nic->napi);

	/* Nobody would ever have woken it. */
	WARN_ON(netif_queue_stopped(dev) && nic_tx_room(nic));
	while (nic->tail != nic->head)
		nic_free_one(nic);
}

static int nic_probe(void)
{
	struct nic *nic;

	netdev = alloc_etherdev(sizeof(struct nic));
	if (!netdev)
		return -ENOMEM;
	nic = netdev_priv(netdev);
	nic->dev = netdev;
	netif_napi_add_weight(netdev, &nic->napi, nic_poll, NIC_WEIGHT);
	return 0;
}

static void nic_remove(void)
{
	struct nic *nic = netdev_priv(netdev);

	netif_napi_del(&nic->napi);
	free_netdev(netdev);
}

module_init(nic_probe);
MODULE_LICENSE("GPL");

/* What the network stack does: it sends with bottom halves off, unless the queue is stopped. */
static void stack_send(void)
{
	struct sk_buff *skb = netdev_alloc_skb(netdev, 64);

	if (!skb)
		return;
	local_bh_disable();
	if (netif_queue_stopped(netdev) || nic_xmit(skb, netdev) == NETDEV_TX_BUSY)
		kfree_skb(skb);
	local_bh_enable();
}

static void stack(void)
{
	int i;

	if (!nic_open(netdev)) {
		for (i = 0; i < NIC_PACKETS; i++)
			stack_send();
		nic_stop(netdev);
	}
	nic_remove();
}

THREAD(stack, stack, .cpu = 0);
RAISES(NIC_IRQ, .times = 1);
EXPECT(warn_on);
