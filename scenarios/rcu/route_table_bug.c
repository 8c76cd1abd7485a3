/*
 * A routing table: packets look routes up in softirq under RCU, an administrator replaces them under a mutex. The old route
 * may be freed only after every lookup that could have found it: with kfree_rcu(), not at once.
 */
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct route {
	struct list_head node;
	u32 prefix;
	u32 gateway;
	struct rcu_head rcu;
};

static LIST_HEAD(routes);
static DEFINE_MUTEX(routes_lock);
static u32 sent_to;

static struct route *find_route(u32 prefix)
{
	struct route *rt;

	list_for_each_entry_rcu(rt, &routes, node, lockdep_is_held(&routes_lock)) {
		if (rt->prefix == prefix)
			return rt;
	}
	return NULL;
}

static void forward(struct tasklet_struct *t)
{
	struct route *rt;

	rcu_read_lock();
	rt = find_route(10);
	if (rt)
		WRITE_ONCE(sent_to, rt->gateway);
	rcu_read_unlock();
}

static DECLARE_TASKLET(rx, forward);

static irqreturn_t packet(int irq, void *dev)
{
	tasklet_schedule(&rx);
	return IRQ_HANDLED;
}

static void replace_route(u32 prefix, u32 gateway)
{
	struct route *new = kzalloc(sizeof(*new), GFP_KERNEL);
	struct route *old;

	new->prefix = prefix;
	new->gateway = gateway;
	mutex_lock(&routes_lock);
	old = find_route(prefix);
	if (old)
		list_replace_rcu(&old->node, &new->node);
	else
		list_add_rcu(&new->node, &routes);
	mutex_unlock(&routes_lock);
	if (old)
		kfree(old);
}

static void set_up(void)
{
	replace_route(10, 1);
}

static void administrate(void)
{
	replace_route(10, 2);
}

INIT(set_up);
THREAD(admin, administrate);
IRQ(nic, packet);
EXPECT(use_after_free);
