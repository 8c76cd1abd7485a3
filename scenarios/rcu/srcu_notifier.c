/*
 * A notifier chain under SRCU: its callbacks may sleep. Who unregisters waits for the callbacks that run; a callback that
 * unregisters its own block waits for itself. It leaves that to a work item.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/workqueue.h>

struct block {
	int (*call)(struct block *block, unsigned long event);
	struct block __rcu *next;
	struct work_struct bye;
};

struct head {
	struct mutex mutex;
	struct srcu_struct srcu;
	struct block __rcu *first;
};

static struct head head;
static struct block *battery;
static int calls;

static void chain_register(struct head *h, struct block *new)
{
	mutex_lock(&h->mutex);
	rcu_assign_pointer(new->next, rcu_dereference_protected(h->first, lockdep_is_held(&h->mutex)));
	rcu_assign_pointer(h->first, new);
	mutex_unlock(&h->mutex);
}

static void chain_unregister(struct head *h, struct block *old)
{
	mutex_lock(&h->mutex);
	if (rcu_access_pointer(h->first) == old)
		rcu_assign_pointer(h->first, rcu_dereference_protected(old->next, lockdep_is_held(&h->mutex)));
	mutex_unlock(&h->mutex);
	synchronize_srcu(&h->srcu);
}

static void chain_call(struct head *h, unsigned long event)
{
	struct block *block, *next;
	int idx;

	idx = srcu_read_lock(&h->srcu);
	block = srcu_dereference(h->first, &h->srcu);
	while (block) {
		next = srcu_dereference(block->next, &h->srcu);
		block->call(block, event);
		block = next;
	}
	srcu_read_unlock(&h->srcu, idx);
}

static void say_bye(struct work_struct *work)
{
	struct block *block = container_of(work, struct block, bye);

	chain_unregister(&head, block);
	kfree(block);
}

static int battery_low(struct block *block, unsigned long event)
{
	WRITE_ONCE(calls, 1);
	schedule_work(&block->bye);
	return 0;
}

static void set_up(void)
{
	mutex_init(&head.mutex);
	init_srcu_struct(&head.srcu);
	battery = kzalloc(sizeof(*battery), GFP_KERNEL);
	battery->call = battery_low;
	INIT_WORK(&battery->bye, say_bye);
	chain_register(&head, battery);
}

static void event(void)
{
	chain_call(&head, 1);
}

INIT(set_up);
THREAD(power, event);
EXPECT(clean);
