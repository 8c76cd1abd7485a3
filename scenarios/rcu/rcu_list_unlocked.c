/*
 * A list that is walked outside of a reader: list_for_each_entry_rcu() says so, unless the walk names the lock that protects it. Here
 * nothing does, and what is looked at may be freed.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct rule {
	int hits;
	struct list_head node;
	struct rcu_head rcu;
};

static LIST_HEAD(rules);
static DEFINE_SPINLOCK(rules_lock);
static int total;

static void add_rule(void)
{
	struct rule *r = kzalloc(sizeof(*r), GFP_KERNEL);

	list_add_rcu(&r->node, &rules);
}

static void sum_rules(void)
{
	struct rule *r;

	rcu_read_lock();
	list_for_each_entry_rcu(r, &rules, node)
		total += READ_ONCE(r->hits);
	rcu_read_unlock();
}

static void remove_rules(void)
{
	struct rule *r, *next;

	spin_lock(&rules_lock);
	list_for_each_entry_safe(r, next, &rules, node) {
		list_del_rcu(&r->node);
		kfree_rcu(r, rcu);
	}
	spin_unlock(&rules_lock);
}

INIT(add_rule);
THREAD(show, sum_rules);
THREAD(flush, remove_rules);
EXPECT(clean);
