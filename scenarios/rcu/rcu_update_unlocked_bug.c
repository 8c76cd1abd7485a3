/*
 * The update side says by which lock it is alone: rcu_dereference_protected() checks it. Two who replace the pointer without the lock
 * both take out the same object, and both free it.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct route {
	int hop;
	struct rcu_head rcu;
};

static struct route __rcu *route;
static DEFINE_MUTEX(route_lock);

static void set_up(void)
{
	struct route *r = kzalloc(sizeof(*r), GFP_KERNEL);

	rcu_assign_pointer(route, r);
}

static void flush_route(void)
{
	struct route *old;

	old = rcu_dereference_protected(route, lockdep_is_held(&route_lock));
	RCU_INIT_POINTER(route, NULL);
	if (old)
		kfree_rcu(old, rcu);
}

static void flush_locked(void)
{
	mutex_lock(&route_lock);
	flush_route();
	mutex_unlock(&route_lock);
}

static void link_down(void)
{
	flush_route();
}

INIT(set_up);
THREAD(admin, flush_locked);
THREAD(link, link_down);
EXPECT(data_race, free_active, rcu_double_call, rcu_usage, use_after_free);
