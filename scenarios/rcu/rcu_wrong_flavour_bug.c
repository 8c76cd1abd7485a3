/*
 * rcu_dereference_bh() wants bottom halves off, not rcu_read_lock(): which readers a pointer has is part of its type, and what waits
 * for them relies on it.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct filter { int mark; };

static struct filter __rcu *filter;
static int marked;

static void set_up(void)
{
	rcu_assign_pointer(filter, kzalloc(sizeof(struct filter), GFP_KERNEL));
}

static void classify(void)
{
	struct filter *f;

	rcu_read_lock();
	f = rcu_dereference_bh(filter);
	marked += f->mark;
	rcu_read_unlock();
}

INIT(set_up);
THREAD(sender, classify);
EXPECT(rcu_usage);
