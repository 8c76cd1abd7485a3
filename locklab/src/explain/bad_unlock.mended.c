#include <linux/mutex.h>

static DEFINE_MUTEX(lock);
static bool busy;

static int start(void)
{
	int err = 0;

	mutex_lock(&lock);
	if (READ_ONCE(busy)) {
		err = -EBUSY;
		goto out;
	}
	WRITE_ONCE(busy, true);
out:
	mutex_unlock(&lock);
	return err;
}

static void start_twice(void)
{
	start();
	start();
}

THREAD(starter, start_twice);
EXPECT(clean);
