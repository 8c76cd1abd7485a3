/*
 * mutex_lock_nest_lock() promises that the adapter's lock keeps all others
 * out who take several queues at once. One path promises and does not take it.
 */
#include <linux/mutex.h>

struct queue {
	struct mutex lock;
	int depth;
};

static DEFINE_MUTEX(adapter_lock);
static struct queue queues[2];

static void set_up(void)
{
	for (int i = 0; i < 2; i++)
		mutex_init(&queues[i].lock);
}

static void reset_queue(struct queue *queue)
{
	mutex_lock_nest_lock(&queue->lock, &adapter_lock);
	queue->depth = 0;
	mutex_unlock(&queue->lock);
}

static void reset(void)
{
	mutex_lock(&adapter_lock);
	for (int i = 0; i < 2; i++)
		reset_queue(&queues[i]);
	mutex_unlock(&adapter_lock);
}

static void submit(void)
{
	mutex_lock(&queues[1].lock);
	queues[1].depth++;
	mutex_unlock(&queues[1].lock);
}

INIT(set_up);
THREAD(resetter, reset);
THREAD(submitter, submit);

FINALLY(queues[1].depth <= 1);
EXPECT(clean);
