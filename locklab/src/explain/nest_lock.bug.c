/* The nest lock is named, and nobody took it. */
#include <linux/mutex.h>

static DEFINE_MUTEX(adapter_lock);
static struct mutex queues[2];

static void set_up(void)
{
	for (int i = 0; i < 2; i++)
		mutex_init(&queues[i]);
}

static void freeze(void)
{
	mutex_lock_nest_lock(&queues[0], &adapter_lock);
	mutex_unlock(&queues[0]);
}

INIT(set_up);
THREAD(freezer, freeze);
EXPECT(nest_lock);
