#include <linux/rcupdate.h>
#include <linux/slab.h>

struct route { int gateway; struct rcu_head rcu; };
static struct route __rcu *route;

static void set_up(void)
{
	RCU_INIT_POINTER(route, kzalloc(sizeof(struct route), GFP_KERNEL));
}

static void drop_route(void)
{
	struct route *old = rcu_access_pointer(route);

	RCU_INIT_POINTER(route, NULL);
	if (old)
		kfree_rcu(old, rcu);
}

INIT(set_up);
THREAD(dropper, drop_route, .count = 2);
EXPECT(rcu_double_call, use_after_free, free_active);
