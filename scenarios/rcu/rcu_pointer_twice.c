/*
 * The pointer is read twice, once to see whether there is anything, once to follow it. In between somebody takes it
 * away: a reader keeps memory from being freed, not pointers from being changed.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct hook {
	int priority;
	struct rcu_head rcu;
};

static struct hook __rcu *hook;
static int called;

static void set_up(void)
{
	RCU_INIT_POINTER(hook, kzalloc(sizeof(struct hook), GFP_KERNEL));
}

static void call_hook(void)
{
	struct hook *h;

	rcu_read_lock();
	h = rcu_dereference(hook);
	if (h)
		WRITE_ONCE(called, 1 + h->priority);
	rcu_read_unlock();
}

static void unregister_hook(void)
{
	struct hook *old = xchg(&hook, NULL);

	if (old)
		kfree_rcu(old, rcu);
}

INIT(set_up);
THREAD(caller, call_hook);
THREAD(unregister, unregister_hook);
EXPECT(clean);
