/*
 * The kernel cannot go on after an oops in an interrupt, and takes one with
 * bottom halves off for that too: "Fatal exception in interrupt", with or
 * without panic_on_oops. A pointer that nobody looked at stops the machine.
 */
#include <linux/spinlock.h>

struct route {
	int hops;
};

static DEFINE_SPINLOCK(route_lock);
static struct route first = { .hops = 3 };
static struct route *route = &first;

static void count_hops(int *hops)
{
	spin_lock_bh(&route_lock);
	*hops = route ? route->hops : 0;
	spin_unlock_bh(&route_lock);
}

static void show_route(void)
{
	int hops = 0;

	count_hops(&hops);
	pr_info("%d hops\n", hops);
}

static void drop_route(void)
{
	spin_lock_bh(&route_lock);
	route = NULL;
	spin_unlock_bh(&route_lock);
}

THREAD(show, show_route);
THREAD(drop, drop_route);
EXPECT(clean);
