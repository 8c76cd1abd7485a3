/*
 * Each SRCU domain knows its own readers alone. Who reads in one and takes a pointer of the other is not waited for.
 */
#include <linux/slab.h>
#include <linux/srcu.h>

struct hook { int calls; };

DEFINE_STATIC_SRCU(hook_srcu);
DEFINE_STATIC_SRCU(event_srcu);
static struct hook __rcu *hook;

static void set_up(void)
{
	rcu_assign_pointer(hook, kzalloc(sizeof(struct hook), GFP_KERNEL));
}

static void call_hook(void)
{
	struct hook *h;
	int idx;

	idx = srcu_read_lock(&event_srcu);
	h = srcu_dereference(hook, &hook_srcu);
	if (h)
		h->calls++;
	srcu_read_unlock(&event_srcu, idx);
}

static void remove_hook(void)
{
	struct hook *old = rcu_replace_pointer(hook, NULL, true);

	synchronize_srcu(&hook_srcu);
	kfree(old);
}

INIT(set_up);
THREAD(caller, call_hook);
THREAD(remover, remove_hook);
EXPECT(rcu_usage, use_after_free);
