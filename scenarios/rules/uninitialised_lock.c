/*
 * A lock in allocated memory is used without spin_lock_init(): zeroed memory
 * is not a lock.
 */
#include <linux/spinlock.h>
#include <linux/slab.h>

struct counter {
	spinlock_t lock;
	int value;
};

static struct counter *counter;

static void counter_setup(void)
{
	counter = kzalloc(sizeof(*counter), GFP_KERNEL);
	if (counter)
		spin_lock_init(&counter->lock);
}

static void counter_inc(void)
{
	if (!counter)
		return;
	spin_lock(&counter->lock);
	counter->value++;
	spin_unlock(&counter->lock);
}

INIT(counter_setup);
THREAD(inc, counter_inc);
EXPECT(clean);
