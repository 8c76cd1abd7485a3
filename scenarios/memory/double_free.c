/*
 * Two tasks each fetch a pointer, clear it, and free what they fetched: both
 * may fetch the same. xchg() fetches and clears at once, so that one of them
 * gets NULL, which kfree() ignores.
 */
#include <linux/slab.h>
#include <linux/atomic.h>

static u32 *cache;

static void cache_setup(void)
{
	cache = kmalloc(sizeof(*cache), GFP_KERNEL);
}

static void cache_drop(void)
{
	u32 *old;

	old = xchg(&cache, NULL);
	kfree(old);
}

INIT(cache_setup);
THREAD(drop, cache_drop, .count = 2);
EXPECT(clean);
