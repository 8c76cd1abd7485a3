/*
 * Readers of SRCU may sleep, and these take a mutex. Who waits for them with that mutex held waits for ever.
 */
#include <linux/srcu.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct chain {
	int length;
};

DEFINE_STATIC_SRCU(chain_srcu);
static DEFINE_MUTEX(chain_lock);
static struct chain __rcu *chain;
static int calls;

static void set_up(void)
{
	RCU_INIT_POINTER(chain, kzalloc(sizeof(struct chain), GFP_KERNEL));
}

static void call_chain(void)
{
	struct chain *c;
	int idx;

	idx = srcu_read_lock(&chain_srcu);
	c = srcu_dereference(chain, &chain_srcu);
	if (c) {
		mutex_lock(&chain_lock);
		calls += 1 + c->length;
		mutex_unlock(&chain_lock);
	}
	srcu_read_unlock(&chain_srcu, idx);
}

static void replace_chain(void)
{
	struct chain *old;

	mutex_lock(&chain_lock);
	old = rcu_replace_pointer(chain, NULL, lockdep_is_held(&chain_lock));
	synchronize_srcu(&chain_srcu);
	mutex_unlock(&chain_lock);
	kfree(old);
}

INIT(set_up);
THREAD(caller, call_chain);
THREAD(replacer, replace_chain);
EXPECT(deadlock, lock_order);
