/*
 * A packet that comes after the last look at the ring, and before the interrupt is
 * on again, raises none: an edge while it was masked. Nobody ever fetches the packet,
 * unless the poll function looks once more.
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>

static struct net_device netdev;
static struct napi_struct napi;
static atomic_t ring;			/* packets that nobody has fetched */
static atomic_t irq_enabled = ATOMIC_INIT(1);

static irqreturn_t rx_interrupt(int irq, void *dev_id)
{
	atomic_inc(&ring);		/* what the device does */
	if (atomic_read(&irq_enabled)) {
		atomic_set(&irq_enabled, 0);
		napi_schedule(&napi);
	}
	return IRQ_HANDLED;
}

static int rx_poll(struct napi_struct *n, int budget)
{
	int done = 0;

	while (done < budget && atomic_add_unless(&ring, -1, 0))
		done++;
	if (done < budget && napi_complete_done(n, done))
		atomic_set(&irq_enabled, 1);
	return done;
}

static void probe(void)
{
	netif_napi_add_weight(&netdev, &napi, rx_poll, 2);
	napi_enable(&napi);
}

INIT(probe);
IRQ(rx, rx_interrupt, .times = 2);
FINALLY(atomic_read(&ring) == 0);
EXPECT(final_state);
