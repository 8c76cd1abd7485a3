/*
 * A cache asks at each turn whether the grace period is over that began when the old table was taken away. The cookie
 * must be got after that: one that is older says only that readers from before are gone.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct table {
	int entries;
};

static struct table __rcu *table;
static int seen;

static void set_up(void)
{
	RCU_INIT_POINTER(table, kzalloc(sizeof(struct table), GFP_KERNEL));
}

static void look_up(void)
{
	struct table *t;

	rcu_read_lock();
	t = rcu_dereference(table);
	if (t)
		WRITE_ONCE(seen, 1 + t->entries);
	rcu_read_unlock();
}

static void shrink(void)
{
	unsigned long cookie;
	struct table *old;

	cookie = start_poll_synchronize_rcu();
	old = rcu_replace_pointer(table, NULL, true);
	if (poll_state_synchronize_rcu(cookie)) {
		kfree(old);
		return;
	}
	cond_synchronize_rcu(cookie);
	kfree(old);
}

INIT(set_up);
THREAD(reader, look_up);
THREAD(shrinker, shrink);
EXPECT(use_after_free);
