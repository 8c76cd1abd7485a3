#include <linux/mutex.h>

static DEFINE_MUTEX(from);
static DEFINE_MUTEX(to);

static void there(void)
{
	mutex_lock(&from);
	mutex_lock(&to);
	mutex_unlock(&to);
	mutex_unlock(&from);
}

static void back(void)
{
	mutex_lock(&to);
	mutex_lock(&from);
	mutex_unlock(&from);
	mutex_unlock(&to);
}

THREAD(there, there);
THREAD(back, back);
EXPECT(deadlock, lock_order);
