/*
 * queue_rcu_work() queues an item once the readers of now are gone. Until then it is on no queue: flush_work() finds nothing
 * to wait for, and the module's table goes while the item is still to come. flush_rcu_work() waits for the readers too.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct filter {
	int rules;
	struct rcu_work free_rwork;
};

static struct filter __rcu *filter;
static int *stats;
static int seen;

static void free_filter(struct work_struct *work)
{
	struct filter *f = container_of(to_rcu_work(work), struct filter, free_rwork);

	WRITE_ONCE(stats[0], f->rules);
}

static void classify(void)
{
	struct filter *f;

	rcu_read_lock();
	f = rcu_dereference(filter);
	if (f)
		WRITE_ONCE(seen, 1 + f->rules);
	rcu_read_unlock();
}

static void tear_down(void)
{
	struct filter *old = rcu_replace_pointer(filter, NULL, true);

	queue_rcu_work(system_wq, &old->free_rwork);
	flush_rcu_work(&old->free_rwork);
	kfree(old);
	kfree(stats);
}

static void set_up(void)
{
	struct filter *f = kzalloc(sizeof(*f), GFP_KERNEL);

	stats = kzalloc(sizeof(*stats), GFP_KERNEL);
	INIT_RCU_WORK(&f->free_rwork, free_filter);
	rcu_assign_pointer(filter, f);
}

INIT(set_up);
THREAD(reader, classify);
THREAD(remover, tear_down);
EXPECT(clean);
