/*
 * A shrinker is unregistered with the lock held that it takes: unregistering
 * waits until nobody is in it, and who is in it waits for the lock.
 */
#include <linux/mutex.h>
#include <linux/shrinker.h>

static DEFINE_MUTEX(pool_lock);
static int pooled = 1;

static unsigned long pool_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return READ_ONCE(pooled);
}

static unsigned long pool_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	mutex_lock(&pool_lock);
	WRITE_ONCE(pooled, 0);
	mutex_unlock(&pool_lock);
	return 1;
}

static struct shrinker pool_shrinker = {
	.count_objects = pool_count,
	.scan_objects = pool_scan,
	.seeks = DEFAULT_SEEKS,
};

static void pool_init(void)
{
	register_shrinker(&pool_shrinker, "pool");
}

static void pool_exit(void)
{
	mutex_lock(&pool_lock);
	WRITE_ONCE(pooled, 0);
	mutex_unlock(&pool_lock);
	unregister_shrinker(&pool_shrinker);
}

INIT(pool_init);
THREAD(exit, pool_exit);
EXPECT(clean);
