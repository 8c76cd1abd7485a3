/*
 * The cache is taken down while its shrinker is still registered: kswapd may
 * call it at any moment. Unregistering waits for those who are in it.
 */
#include <linux/mutex.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

struct cache {
	struct shrinker *shrinker;
	int objects;
};

static struct cache *cache;

static unsigned long cache_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct cache *c = shrinker->private_data;

	return READ_ONCE(c->objects);
}

static unsigned long cache_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct cache *c = shrinker->private_data;

	WRITE_ONCE(c->objects, 0);
	return 1;
}

static void cache_init(void)
{
	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	cache->objects = 1;
	cache->shrinker = shrinker_alloc(0, "cache");
	cache->shrinker->count_objects = cache_count;
	cache->shrinker->scan_objects = cache_scan;
	cache->shrinker->private_data = cache;
	shrinker_register(cache->shrinker);
}

static void cache_destroy(void)
{
	struct shrinker *shrinker = cache->shrinker;

	kfree(cache);
	shrinker_free(shrinker);
}

INIT(cache_init);
THREAD(destroy, cache_destroy);
EXPECT(use_after_free, hung_task);
