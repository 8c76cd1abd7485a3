#include <linux/mutex.h>

static DEFINE_MUTEX(lock);
static bool busy;

static int start(void)
{
	int err = 0;

	if (READ_ONCE(busy)) {
		err = -EBUSY;
		goto out;
	}
	mutex_lock(&lock);
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
EXPECT(bad_unlock);
