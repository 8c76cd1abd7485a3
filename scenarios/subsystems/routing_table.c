/*
 * A routing table that senders look up under RCU. A route that changes is not changed in place, where a sender could take the old
 * gateway and the new device: a copy takes its place in one store, and the old one goes with the readers.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct route {
	u32 prefix;
	int gateway, device;
	struct list_head node;
	struct rcu_head rcu;
};

static LIST_HEAD(routes);
static DEFINE_SPINLOCK(routes_lock);

static void add_route(void)
{
	struct route *r = kzalloc(sizeof(*r), GFP_KERNEL);

	r->prefix = 10;
	r->gateway = 1;
	r->device = 1;
	list_add_rcu(&r->node, &routes);
}

static void send(u32 to)
{
	struct route *r;

	rcu_read_lock();
	list_for_each_entry_rcu(r, &routes, node) {
		if (r->prefix == to)
			WARN_ON(READ_ONCE(r->gateway) != READ_ONCE(r->device));
	}
	rcu_read_unlock();
}

static void change_route(int hop)
{
	struct route *old, *new;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return;
	spin_lock(&routes_lock);
	old = list_first_entry(&routes, struct route, node);
	new->prefix = old->prefix;
	new->gateway = hop;
	new->device = hop;
	list_replace_rcu(&old->node, &new->node);
	spin_unlock(&routes_lock);
	kfree_rcu(old, rcu);
}

INIT(add_route);
THREAD(sender, send, .arg = 10);
THREAD(admin, change_route, .arg = 2);
EXPECT(clean);
