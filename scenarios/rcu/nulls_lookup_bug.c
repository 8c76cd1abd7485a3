/*
 * An object moves to another chain while a lookup stands on it: the walk goes on in that chain, and comes to its end, without
 * having seen the rest of its own. Each chain ends in its number: a lookup that ends in another begins again.
 */
#include <linux/rculist_nulls.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

struct flow {
	u32 key;
	struct hlist_nulls_node node;
};

static struct hlist_nulls_head chains[2];
static DEFINE_SPINLOCK(chains_lock);
static struct flow wanted = { .key = 4 };
static struct flow moving = { .key = 2 };

static struct flow *find_flow(u32 key)
{
	struct hlist_nulls_node *pos;
	unsigned long chain = key % 2;
	struct flow *flow;

	hlist_nulls_for_each_entry_rcu(flow, pos, &chains[chain], node) {
		if (READ_ONCE(flow->key) == key)
			return flow;
	}
	return NULL;
}

static void look_up(void)
{
	rcu_read_lock();
	WARN_ON(!find_flow(4));
	rcu_read_unlock();
}

static void rehash(void)
{
	spin_lock(&chains_lock);
	hlist_nulls_del_rcu(&moving.node);
	WRITE_ONCE(moving.key, 3);
	hlist_nulls_add_head_rcu(&moving.node, &chains[1]);
	spin_unlock(&chains_lock);
}

static void set_up(void)
{
	INIT_HLIST_NULLS_HEAD(&chains[0], 0);
	INIT_HLIST_NULLS_HEAD(&chains[1], 1);
	hlist_nulls_add_head_rcu(&wanted.node, &chains[0]);
	hlist_nulls_add_head_rcu(&moving.node, &chains[0]);
}

INIT(set_up);
THREAD(reader, look_up);
THREAD(mover, rehash);
EXPECT(warn_on);
