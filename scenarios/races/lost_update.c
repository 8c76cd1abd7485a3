/*
 * Marked accesses do not make an increment atomic: both tasks may read the
 * same value, and one update is lost. There is no data race to report, only a
 * wrong result.
 */
#include <linux/atomic.h>

static atomic_t hits = ATOMIC_INIT(0);

static void hit(void)
{
	atomic_inc(&hits);
}

THREAD(task, hit, .count = 2);
FINALLY(atomic_read(&hits) == 2);
REACHABLE(atomic_read(&hits) == 2);
EXPECT(clean);
