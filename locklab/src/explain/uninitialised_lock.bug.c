#include <linux/spinlock.h>
#include <linux/slab.h>

struct counter {
	spinlock_t lock;
	int value;
};

static void count_once(void)
{
	struct counter *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return;
	spin_lock(&c->lock);
	c->value++;
	spin_unlock(&c->lock);
	kfree(c);
}

THREAD(counter, count_once);
EXPECT(uninitialised_lock);
