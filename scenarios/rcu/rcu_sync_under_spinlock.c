/*
 * synchronize_rcu() sleeps, and the spinlock forbids it. What must be done under the lock is the unlinking alone.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct filter {
	int rule;
};

static struct filter __rcu *filter;
static DEFINE_SPINLOCK(filter_lock);
static int last_rule;

static void set_up(void)
{
	RCU_INIT_POINTER(filter, kzalloc(sizeof(struct filter), GFP_KERNEL));
}

static void apply_filter(void)
{
	struct filter *f;

	rcu_read_lock();
	f = rcu_dereference(filter);
	if (f)
		WRITE_ONCE(last_rule, f->rule);
	rcu_read_unlock();
}

static void remove_filter(void)
{
	struct filter *old;

	spin_lock(&filter_lock);
	old = rcu_replace_pointer(filter, NULL, lockdep_is_held(&filter_lock));
	spin_unlock(&filter_lock);
	synchronize_rcu();
	kfree(old);
}

INIT(set_up);
THREAD(packets, apply_filter);
THREAD(remover, remove_filter);
EXPECT(clean);
