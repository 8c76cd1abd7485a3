/*
 * A helper reads the table under the lock that its caller reads under
 * already: a writer that comes in between stops both.
 */
#include <linux/spinlock.h>

struct route {
	int gateway;
	int metric;
};

static DEFINE_RWLOCK(route_lock);
static struct route routes[2] = { { 1, 10 }, { 2, 20 } };
static int best_gateway;

static int metric_of(int route)
{
	int metric;

	read_lock(&route_lock);
	metric = routes[route].metric;
	read_unlock(&route_lock);
	return metric;
}

static void choose_route(void)
{
	int best;

	read_lock(&route_lock);
	best = metric_of(0) <= metric_of(1) ? 0 : 1;
	WRITE_ONCE(best_gateway, routes[best].gateway);
	read_unlock(&route_lock);
}

static void raise_metric(void)
{
	write_lock(&route_lock);
	routes[0].metric = 30;
	write_unlock(&route_lock);
}

THREAD(chooser, choose_route);
THREAD(manager, raise_metric);

REACHABLE(best_gateway == 1);
REACHABLE(best_gateway == 2);
EXPECT(deadlock, recursive_lock);
