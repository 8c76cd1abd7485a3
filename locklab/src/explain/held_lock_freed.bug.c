#include <linux/mutex.h>

static DEFINE_MUTEX(lock);
static int errors;

static void recover(void)
{
	mutex_lock(&lock);
	errors++;
	mutex_init(&lock);
	mutex_lock(&lock);
	errors = 0;
	mutex_unlock(&lock);
}

THREAD(recovery, recover);
EXPECT(held_lock_freed);
