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
	if (cached) {
		up_read(&cache_sem);
		return;
	}
	up_read(&cache_sem);
	down_write(&cache_sem);
	/* Another may have loaded it in between. */
	if (!cached) {
		cached = 1;
		loads++;
	}
	up_write(&cache_sem);
}

THREAD(user_a, get_cached);
THREAD(user_b, get_cached);

FINALLY(cached == 1 && loads == 1);
EXPECT(clean);
