/*
 * What is freed after a grace period is counted down by its callback, in memory of the device. When the device goes, a
 * callback may still be on its way: synchronize_rcu() waits for readers, rcu_barrier() for callbacks.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct device_state {
	atomic_t buffers;
};

struct buffer {
	struct device_state *owner;
	struct rcu_head rcu;
};

static struct device_state *state;
static struct buffer *buffer;

static void set_up(void)
{
	state = kzalloc(sizeof(*state), GFP_KERNEL);
	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);
	buffer->owner = state;
	atomic_set(&state->buffers, 1);
}

static void buffer_gone(struct rcu_head *head)
{
	struct buffer *b = container_of(head, struct buffer, rcu);

	atomic_dec(&b->owner->buffers);
	kfree(b);
}

static void remove_device(void)
{
	call_rcu(&buffer->rcu, buffer_gone);
	synchronize_rcu();
	kfree(state);
}

INIT(set_up);
THREAD(remover, remove_device);
EXPECT(use_after_free);
