/*
 * A cache allocates under the lock that its own shrinker takes. When memory
 * is short, kmalloc() calls the shrinker, which waits for the lock that its
 * caller holds: who allocates under a lock of reclaim says GFP_NOFS.
 */
#include <linux/mutex.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

static DEFINE_MUTEX(cache_lock);
static int *cached;

static unsigned long cache_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return 1;
}

static unsigned long cache_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	if (!(sc->gfp_mask & __GFP_FS))
		return SHRINK_STOP;
	mutex_lock(&cache_lock);
	kfree(cached);
	cached = NULL;
	mutex_unlock(&cache_lock);
	return 1;
}

static struct shrinker cache_shrinker = {
	.count_objects = cache_count,
	.scan_objects = cache_scan,
	.seeks = DEFAULT_SEEKS,
};

static void cache_init(void)
{
	register_shrinker(&cache_shrinker, "cache");
}

static void cache_fill(void)
{
	mutex_lock(&cache_lock);
	if (!cached)
		cached = kzalloc(sizeof(*cached), GFP_NOFS);
	mutex_unlock(&cache_lock);
}

INIT(cache_init);
THREAD(fill, cache_fill);
EXPECT(clean);
