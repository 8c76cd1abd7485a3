/*
 * srcu_read_lock() says on which of two counters the section counts, and the counter changes with each grace period.
 * The second section leaves with the index of the first: its own counter never falls to zero again, and whoever waits
 * for the readers of the domain waits for ever.
 */
#include <linux/srcu.h>
#include <linux/slab.h>

struct policy {
	int limit;
};

DEFINE_STATIC_SRCU(policy_srcu);
static struct policy __rcu *policy;
static int allowed, audited;

static void set_up(void)
{
	RCU_INIT_POINTER(policy, kzalloc(sizeof(struct policy), GFP_KERNEL));
}

static int limit_now(void)
{
	struct policy *p = srcu_dereference(policy, &policy_srcu);

	return p ? p->limit : 0;
}

static void check_access(void)
{
	int idx[2];

	idx[0] = srcu_read_lock(&policy_srcu);
	WRITE_ONCE(allowed, 1 + limit_now());
	srcu_read_unlock(&policy_srcu, idx[0]);

	idx[1] = srcu_read_lock(&policy_srcu);
	WRITE_ONCE(audited, 1 + limit_now());
	srcu_read_unlock(&policy_srcu, idx[1]);
}

static void replace_policy(void)
{
	struct policy *old = xchg(&policy, NULL);

	synchronize_srcu(&policy_srcu);
	kfree(old);
}

INIT(set_up);
THREAD(checker, check_access);
THREAD(replacer, replace_policy);
EXPECT(clean);
