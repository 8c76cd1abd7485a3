/*
 * A cache that takes its own lock only where it has to shrink, which hardly ever
 * happens: in this scenario never. might_lock() says that it may, so that the
 * order in which a caller's lock and the cache's are taken is judged all the same.
 * The mended form calls the cache before it takes its own lock.
 */
#include <linux/mutex.h>

static DEFINE_MUTEX(cache_lock);
static DEFINE_MUTEX(table_lock);
static int entries;
static int cached;

static void cache_get(bool full)
{
	might_lock(&cache_lock);
	if (!full)
		return;
	mutex_lock(&cache_lock);
	cached = 0;
	mutex_unlock(&cache_lock);
}

static void insert(void)
{
	mutex_lock(&table_lock);
	cache_get(false);
	entries++;
	mutex_unlock(&table_lock);
}

static void flush(void)
{
	mutex_lock(&cache_lock);
	mutex_lock(&table_lock);
	entries = 0;
	mutex_unlock(&table_lock);
	mutex_unlock(&cache_lock);
}

THREAD(inserter, insert);
THREAD(flusher, flush);
EXPECT(lock_order);
