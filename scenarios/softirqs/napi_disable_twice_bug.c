/*
 * Who disables NAPI owns it until napi_enable(). An error handler that has disabled it
 * already makes the close() after it wait for ever.
 */
#include <linux/netdevice.h>
#include <linux/mutex.h>

static struct net_device netdev;
static struct napi_struct napi;
static DEFINE_MUTEX(rtnl);
static bool running = true;

static int rx_poll(struct napi_struct *n, int budget)
{
	napi_complete_done(n, 0);
	return 0;
}

static void fatal_error(void)
{
	mutex_lock(&rtnl);
	if (running)
		napi_disable(&napi);
	mutex_unlock(&rtnl);
}

static void close_device(void)
{
	mutex_lock(&rtnl);
	if (running) {
		running = false;
		napi_disable(&napi);
	}
	mutex_unlock(&rtnl);
}

static void probe(void)
{
	netif_napi_add_weight(&netdev, &napi, rx_poll, 2);
	napi_enable(&napi);
}

INIT(probe);
THREAD(error, fatal_error, .cpu = 0);
THREAD(close, close_device, .cpu = 1);
EXPECT(hung_task);
