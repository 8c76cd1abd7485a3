/*
 * A mutex inside the object that it counts the users of: mutex_unlock() lets
 * the next owner in before it is done with the mutex itself, so the last user
 * may free it under the feet of the one before. spin_unlock() has no such
 * tail.
 */
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/slab.h>

struct buffer {
	spinlock_t lock;
	int users;
};

static struct buffer *buffer;

static void buffer_setup(void)
{
	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);
	if (!buffer)
		return;
	spin_lock_init(&buffer->lock);
	buffer->users = 2;
}

static void buffer_put(void)
{
	struct buffer *b = buffer;
	bool last;

	spin_lock(&b->lock);
	b->users--;
	last = b->users == 0;
	spin_unlock(&b->lock);
	if (last)
		kfree(b);
}

INIT(buffer_setup);
THREAD(put, buffer_put, .count = 2);
EXPECT(clean);
