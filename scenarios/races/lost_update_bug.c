/*
 * Marked accesses do not make an increment atomic: both tasks may read the
 * same value, and one update is lost. There is no data race to report, only a
 * wrong result.
 */
#include <linux/atomic.h>

static int hits;

static void hit(void)
{
	WRITE_ONCE(hits, READ_ONCE(hits) + 1);
}

THREAD(task, hit, .count = 2);
FINALLY(hits == 2);
REACHABLE(hits == 2);
EXPECT(final_state);
