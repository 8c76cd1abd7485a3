#include <linux/rcupdate.h>
#include <linux/slab.h>

struct route { int gateway; };
static struct route __rcu *route;

static void set_up(void)
{
	RCU_INIT_POINTER(route, kzalloc(sizeof(struct route), GFP_KERNEL));
}

static void drop_route(void)
{
	struct route *old;

	rcu_read_lock();
	old = rcu_dereference(route);
	if (old && !old->gateway)
		RCU_INIT_POINTER(route, NULL);
	else
		old = NULL;
	rcu_read_unlock();
	if (old) {
		synchronize_rcu();
		kfree(old);
	}
}

INIT(set_up);
THREAD(dropper, drop_route);
EXPECT(clean);
