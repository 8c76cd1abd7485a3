/*
 * A claim that a path is really taken: whoever finds the cache busy is to go on without it. REACHABLE asks for an execution in which
 * somebody does; with a lock that waits there is none.
 */
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(cache_lock);
static int cached, bypassed;

static void look_up(void)
{
	spin_lock(&cache_lock);
	cached++;
	spin_unlock(&cache_lock);
}

static void shrink(void)
{
	spin_lock(&cache_lock);
	cached = 0;
	spin_unlock(&cache_lock);
}

THREAD(user, look_up);
THREAD(shrinker, shrink);
REACHABLE(READ_ONCE(bypassed));
EXPECT(never_reached);
