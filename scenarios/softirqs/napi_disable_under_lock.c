/*
 * napi_disable() sleeps until the poll function has completed. Under the spinlock that
 * the poll function takes, neither ever goes on.
 */
#include <linux/netdevice.h>
#include <linux/spinlock.h>

static struct net_device netdev;
static struct napi_struct napi;
static DEFINE_SPINLOCK(stats_lock);
static int received, running = 1;

static int rx_poll(struct napi_struct *n, int budget)
{
	spin_lock(&stats_lock);
	received++;
	spin_unlock(&stats_lock);
	napi_complete_done(n, 0);
	return 0;
}

static void rx_kick(void)
{
	local_bh_disable();
	napi_schedule(&napi);
	local_bh_enable();
}

static void stop(void)
{
	spin_lock_bh(&stats_lock);
	running = 0;
	spin_unlock_bh(&stats_lock);
	napi_disable(&napi);
}

static void probe(void)
{
	netif_napi_add_weight(&netdev, &napi, rx_poll, 2);
	napi_enable(&napi);
}

INIT(probe);
THREAD(kick, rx_kick, .cpu = 1);
THREAD(stop, stop, .cpu = 0);
EXPECT(clean);
