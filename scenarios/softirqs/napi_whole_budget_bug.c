/*
 * A poll function that has used up its budget must not complete, even if the ring is
 * empty now: as it returns its whole budget it is put on the list once more, and the
 * next interrupt puts it there too.
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>

static struct net_device netdev;
static struct napi_struct napi;
static atomic_t ring;

static irqreturn_t rx_interrupt(int irq, void *dev_id)
{
	atomic_inc(&ring);
	napi_schedule_irqoff(&napi);
	return IRQ_HANDLED;
}

static int rx_poll(struct napi_struct *n, int budget)
{
	int done = 0;

	while (done < budget && atomic_add_unless(&ring, -1, 0))
		done++;
	if (!atomic_read(&ring))
		napi_complete_done(n, done);
	return done;
}

static void probe(void)
{
	netif_napi_add_weight(&netdev, &napi, rx_poll, 1);
	napi_enable(&napi);
}

INIT(probe);
IRQ(rx, rx_interrupt, .times = 3);
EXPECT(warn_on);
