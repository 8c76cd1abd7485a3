/*
 * A poll function that returns less than its budget has to complete: otherwise it stays
 * scheduled with nobody to poll it, and napi_disable() waits for that for ever. Here an
 * early return forgets it.
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>

static struct net_device netdev;
static struct napi_struct napi;
static atomic_t ring;
static bool link_up = true;

static irqreturn_t rx_interrupt(int irq, void *dev_id)
{
	atomic_inc(&ring);
	napi_schedule(&napi);
	return IRQ_HANDLED;
}

static int rx_poll(struct napi_struct *n, int budget)
{
	int done = 0;

	if (!READ_ONCE(link_up))
		return 0;
	while (done < budget && atomic_add_unless(&ring, -1, 0))
		done++;
	if (done < budget)
		napi_complete_done(n, done);
	return done;
}

static void stop(void)
{
	WRITE_ONCE(link_up, false);
	napi_disable(&napi);
	netif_napi_del(&napi);
}

static void probe(void)
{
	netif_napi_add_weight(&netdev, &napi, rx_poll, 2);
	napi_enable(&napi);
}

INIT(probe);
IRQ(rx, rx_interrupt, .times = 2);
THREAD(stop, stop);
EXPECT(hung_task);
