/*
 * A reader cannot become a writer in place: two that try wait for each
 * other, and even one waits for itself.
 */
#include <linux/rwsem.h>

static DECLARE_RWSEM(cache_sem);
static int cached;
static int loads;

static void get_cached(void)
{
	down_read(&cache_sem);
	if (!cached) {
		down_write(&cache_sem);
		cached = 1;
		loads++;
		up_write(&cache_sem);
	}
	up_read(&cache_sem);
}

THREAD(user_a, get_cached);
THREAD(user_b, get_cached);

FINALLY(cached == 1 && loads == 1);
EXPECT(deadlock, recursive_lock);
