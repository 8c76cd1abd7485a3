/*
 * The pointer is followed without rcu_read_lock(). On a kernel that is not preemptible nothing comes of it, as a CPU
 * that runs kernel code holds up every grace period; on a preemptible one the reader may lose its CPU for as long as a
 * grace period takes.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct limits {
	int max_packets;
	struct rcu_head rcu;
};

static struct limits __rcu *limits;
static int seen;

static void set_up(void)
{
	struct limits *first = kzalloc(sizeof(*first), GFP_KERNEL);

	first->max_packets = 64;
	RCU_INIT_POINTER(limits, first);
}

static void check_limit(void)
{
	struct limits *l;

	l = rcu_dereference(limits);
	if (l)
		WRITE_ONCE(seen, l->max_packets);
}

static void drop_limits(void)
{
	struct limits *old = xchg(&limits, NULL);

	if (old)
		kfree_rcu(old, rcu);
}

INIT(set_up);
THREAD(checker, check_limit);
THREAD(dropper, drop_limits);
EXPECT(rcu_usage);
EXPECT_IF(CONFIG_PREEMPTION, use_after_free);
