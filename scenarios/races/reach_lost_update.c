/*
 * A claim about what can happen: is there an execution in which one of two
 * increments is lost? Here there is one, and reach_lost_update.c, which
 * counts atomically, is told that there is none.
 */
#include <linux/atomic.h>

static atomic_t hits = ATOMIC_INIT(0);

static void hit(void)
{
	atomic_inc(&hits);
}

THREAD(task, hit, .count = 2);
REACHABLE(atomic_read(&hits) == 1);
EXPECT(never_reached);
