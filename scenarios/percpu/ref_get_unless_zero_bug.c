/*
 * Who finds an object under RCU may find one whose last reference has just been put: kref_get() takes it up from 0, and the
 * object is freed all the same.
 */
#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct route {
	struct kref refs;
	struct rcu_head rcu;
};

static struct route __rcu *default_route;

static void set_up(void)
{
	struct route *route = kzalloc(sizeof(*route), GFP_KERNEL);

	kref_init(&route->refs);
	rcu_assign_pointer(default_route, route);
}

static void free_route(struct kref *refs)
{
	struct route *route = container_of(refs, struct route, refs);

	RCU_INIT_POINTER(default_route, NULL);
	kfree_rcu(route, rcu);
}

static void use_route(void)
{
	struct route *route;

	rcu_read_lock();
	route = rcu_dereference(default_route);
	if (route)
		kref_get(&route->refs);
	rcu_read_unlock();
	if (route)
		kref_put(&route->refs, free_route);
}

static void drop_route(void)
{
	struct route *route = rcu_access_pointer(default_route);

	kref_put(&route->refs, free_route);
}

INIT(set_up);
THREAD(user, use_route);
THREAD(dropper, drop_route);
EXPECT(refcount, use_after_free);
