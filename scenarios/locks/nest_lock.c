/*
 * Three locks of one class at once: without a word about it the validator
 * can only warn, as another path might take them the other way round. Here
 * the adapter's lock is always held by who takes several, and saying so with
 * mutex_lock_nest_lock() is the mend.
 */
#include <linux/mutex.h>

struct queue {
	struct mutex lock;
	int depth;
};

static DEFINE_MUTEX(adapter_lock);
static struct queue queues[3];

static void set_up(void)
{
	for (int i = 0; i < 3; i++)
		mutex_init(&queues[i].lock);
}

static void freeze_all(void)
{
	mutex_lock(&adapter_lock);
	for (int i = 0; i < 3; i++)
		mutex_lock_nest_lock(&queues[i].lock, &adapter_lock);
	for (int i = 0; i < 3; i++)
		queues[i].depth = 0;
	for (int i = 2; i >= 0; i--)
		mutex_unlock(&queues[i].lock);
	mutex_unlock(&adapter_lock);
}

static void submit(void)
{
	mutex_lock(&queues[1].lock);
	queues[1].depth++;
	mutex_unlock(&queues[1].lock);
}

INIT(set_up);
THREAD(freezer, freeze_all);
THREAD(submitter, submit);

FINALLY(queues[1].depth <= 1);
EXPECT(clean);
