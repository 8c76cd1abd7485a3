/*
 * An object is freed inside its own lock's section: the memory goes with the
 * lock held, and the unlock writes to it.
 */
#include <linux/spinlock.h>
#include <linux/slab.h>

struct channel {
	spinlock_t lock;
	bool closed;
};

static void close_channel(struct channel *c)
{
	spin_lock(&c->lock);
	c->closed = true;
	kfree(c);
	spin_unlock(&c->lock);
}

static void open_and_close(void)
{
	struct channel *c;

	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return;
	spin_lock_init(&c->lock);
	close_channel(c);
}

THREAD(channel, open_and_close);
EXPECT(held_lock_freed, use_after_free);
